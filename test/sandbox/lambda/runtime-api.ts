import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "../listener.ts";

/** An error as a runtime reports it: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror */
export type RuntimeError = {
  readonly errorType: string;
  readonly errorMessage: string;
  /** Lines of the stack. */
  readonly trace: readonly string[];
};

/** What a runtime makes of an event. */
export type Answer =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: RuntimeError };

export type Invocation = {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly functionArn: string;
  readonly traceId: string;
  /** Milliseconds by which the handler's clock is ahead of the machine's. @default 0 */
  readonly clockAheadMs?: number;
  readonly event: unknown;
};

export type RuntimeApi = {
  /** `HOST:PORT`, for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Resolves when the runtime asks for its first event, with null, or reports that it cannot start. */
  readonly initialised: Promise<RuntimeError | null>;
  /**
   * Gives the runtime an event as soon as it asks for one. The promise stays pending when no answer comes; limits of time
   * are the caller's. Throws when the event is too large or another invocation is under way.
   */
  invoke(invocation: Invocation): Promise<Answer>;
  /** Resolves when the runtime waits for an event: that, and not its answer, is what ends an invocation. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

/** "6 MB" of Lambda's quotas, as its error message has it. */
export const mostPayloadBytes = 6_291_556;

/**
 * Starts the HTTP server that Lambda puts beside every execution environment, for one runtime and one invocation at a
 * time: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, version 2018-06-01.
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const initialised = Promise.withResolvers<RuntimeError | null>();
  let isInitialised = false;
  /** The runtime's open question for the next event. */
  let polling: ServerResponse | null = null;
  const waitingForIdle: (() => void)[] = [];
  /** The event that waits for the runtime, or that it has. */
  let current: { readonly invocation: Invocation; given: boolean; readonly settle: (answer: Answer) => void } | null =
    null;

  function initialise(error: RuntimeError | null): void {
    isInitialised = true;
    initialised.resolve(error);
  }

  function give(): void {
    if (polling === null || current === null || current.given) return;
    const { requestId, deadline, functionArn, traceId, clockAheadMs = 0, event } = current.invocation;
    polling.writeHead(200, {
      "Content-Type": "application/json",
      "Lambda-Runtime-Aws-Request-Id": requestId,
      "Lambda-Runtime-Deadline-Ms": String(deadline),
      "Lambda-Runtime-Invoked-Function-Arn": functionArn,
      "Lambda-Runtime-Trace-Id": traceId,
      "Sandbox-Clock-Ahead-Ms": String(clockAheadMs),
    });
    polling.end(JSON.stringify(event));
    current.given = true;
    polling = null;
  }

  function next(response: ServerResponse): void {
    if (polling !== null || current?.given === true) {
      send(response, 403, invalidState);
      return;
    }
    initialise(null);
    polling = response;
    response.on("close", () => {
      if (polling === response) polling = null;
    });
    for (const resolve of waitingForIdle.splice(0)) resolve();
    give();
  }

  function settle(response: ServerResponse, requestId: string, body: Buffer | null, read: (body: Buffer) => Answer) {
    if (current === null || !current.given || current.invocation.requestId !== requestId) {
      return send(response, 400, problem("InvalidRequestID", "Invalid request ID"));
    }
    const { settle } = current;
    current = null;
    settle(body === null ? { kind: "failed", error: tooLargeToReturn } : read(body));
    return body === null ? send(response, 413, tooLarge) : send(response, 202, accepted);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, id = "", what = ""] = invocationPath.exec(request.url ?? "") ?? [];
    const route = `${request.method} ${what === "" ? request.url : what}`;
    switch (route) {
      case `GET ${root}/invocation/next`:
        return next(response);
      case "POST response":
        return settle(response, id, await bodyOf(request), returned);
      case "POST error":
        return settle(response, id, await bodyOf(request), (body) => ({ kind: "failed", error: readError(body) }));
      case `POST ${root}/init/error`: {
        const body = await bodyOf(request);
        if (isInitialised) return send(response, 403, invalidState);
        initialise(readError(body ?? Buffer.alloc(0)));
        return send(response, 202, accepted);
      }
      default:
        return send(response, 404, problem("NotFound", `no ${route}`));
    }
  }

  const server = createServer((request, response) => {
    // A runtime that is killed in the middle of a request leaves nobody to answer.
    answer(request, response).catch(() => response.destroy());
  });
  // A runtime that did nothing for a while, on a busy machine or because its handler computes, answers on the connection
  // that it has.
  server.keepAliveTimeout = 0;
  const listener = await listen(server);
  return {
    address: `${listener.address}:${listener.port}`,
    initialised: initialised.promise,
    invoke(invocation) {
      if (current !== null) throw new Error("another invocation is under way");
      if (Buffer.byteLength(JSON.stringify(invocation.event)) > mostPayloadBytes) throw new Error("event too large");
      return new Promise((resolve) => {
        current = { invocation, given: false, settle: resolve };
        give();
      });
    },
    idle: () => (polling === null ? new Promise((resolve) => waitingForIdle.push(resolve)) : Promise.resolve()),
    close: listener.close,
  };
}

const root = "/2018-06-01/runtime";
const invocationPath = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/** Null when it is too large; then it is read to its end all the same, so that the runtime can read the answer. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > 20 * mostPayloadBytes) throw new Error("endless body");
    if (bytes <= mostPayloadBytes) chunks.push(chunk);
  }
  return bytes > mostPayloadBytes ? null : Buffer.concat(chunks);
}

function returned(body: Buffer): Answer {
  const value = parsed(body);
  return value === undefined
    ? { kind: "failed", error: { errorType: "Runtime.InvalidResponse", errorMessage: "not JSON", trace: [] } }
    : { kind: "returned", value };
}

function readError(body: Buffer): RuntimeError {
  const value = parsed(body);
  const field = (name: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, name) : "";
  const trace = field("trace");
  return {
    errorType: String(field("errorType")),
    errorMessage: String(field("errorMessage")),
    trace: Array.isArray(trace) ? trace.map(String) : [],
  };
}

/** Undefined when it is no JSON. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

function problem(errorType: string, errorMessage: string) {
  return { errorMessage, errorType };
}

const accepted = { status: "OK" };
const invalidState = problem("InvalidStateTransition", "State transition is not allowed");
const tooLarge = problem("RequestEntityTooLarge", `Exceeded maximum allowed payload size (${mostPayloadBytes} bytes).`);
const tooLargeToReturn: RuntimeError = {
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `Response payload size exceeded maximum allowed payload size (${mostPayloadBytes} bytes).`,
  trace: [],
};
