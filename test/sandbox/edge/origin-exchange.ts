import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { type ConnectionTools, closed, connectToOrigin, type NoAnswer, slow } from "./origin-connection.ts";
import type { OriginTarget } from "./origin-target.ts";

/** What came of asking an origin. */
export type OriginOutcome =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer;
    }
  | NoAnswer;

/** Of an answer; what is beyond is not passed on. */
const mostBodyBytes = 1024 * 1024;
/** Requests that CloudFront makes again where nothing came back. */
const repeatable = new Set(["GET", "HEAD"]);

/** Asks an origin as CloudFront does, and says what a viewer is to get. */
export async function askOrigin(target: OriginTarget, method: string, tools: ConnectionTools): Promise<OriginOutcome> {
  const attempts = repeatable.has(method) ? target.attempts : 1;
  let outcome: OriginOutcome = slow;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const connection = await connectToOrigin(target, attempts, tools);
    if ("kind" in connection) return connection;
    outcome = await exchange(connection, target, method);
    if (outcome !== slow) return outcome;
  }
  return outcome;
}

function exchange(socket: Socket, target: OriginTarget, method: string): Promise<OriginOutcome> {
  return new Promise((resolve) => {
    const settle = (outcome: OriginOutcome) => {
      resolve(outcome);
      socket.destroy();
    };
    const asked = request(
      {
        createConnection: () => socket,
        method,
        path: target.path,
        headers: { host: target.host, "user-agent": "Amazon CloudFront", connection: "close", ...target.headers },
        setHost: false,
      },
      (answer) => void read(answer).then(settle),
    );
    asked.on("error", () => settle(closed));
    asked.setTimeout(target.responseMs, () => settle(slow));
    asked.end();
  });
}

async function read(answer: IncomingMessage): Promise<OriginOutcome> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > mostBodyBytes) break;
    }
  } catch {
    return closed;
  }
  const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
    value === undefined || ofConnection.has(name) ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
  );
  const body = Buffer.concat(chunks).subarray(0, mostBodyBytes);
  return { kind: "answer", status: answer.statusCode ?? 0, headers: Object.fromEntries(headers), body };
}

/** Headers that are about one connection. */
const ofConnection = new Set(["connection", "keep-alive", "transfer-encoding", "content-length"]);
