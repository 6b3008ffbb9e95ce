import { isIP, type Socket } from "node:net";
import { connect, type SecureContext } from "node:tls";
import { printable } from "../text/printable.ts";
import type { EdgeMethod, EdgeResponse } from "../witness/edge-answer.ts";
import { isOwnName } from "../witness/edge-askings.ts";
import { isAskablePath } from "../witness/edge-path.ts";
import type { Lookup } from "./dns.ts";
import { answerReader } from "./http-answer.ts";
import { openConnection } from "./tcp.ts";

/** One request through a distribution. */
export type EdgeQuestion = {
  /** The distribution's own name, as the API gives it: where to connect to. */
  readonly domainName: string;
  /** The alias, or the same name: for SNI and Host. */
  readonly host: string;
  readonly method: EdgeMethod;
  /** Without a query. */
  readonly path: string;
};

export type EdgeOutcome =
  | { readonly kind: "answered"; readonly response: EdgeResponse }
  /** Nothing was sent, because it must not be. */
  | { readonly kind: "not-asked"; readonly problem: string }
  /** No answer of this distribution came, which says nothing of its origins. */
  | { readonly kind: "failed"; readonly problem: string };

export type EdgeTools = {
  readonly lookup: Lookup;
  /** The kind of an address that must not be connected to, null where it may. */
  readonly forbids: (address: string) => string | null;
  /** What the distribution's certificate may end at. */
  readonly context: SecureContext;
  readonly signal: AbortSignal;
  /** How this program names itself: one line of printable ASCII. */
  readonly userAgent: string;
  /** For tests, which cannot listen on 443. @default 443 */
  readonly port?: number;
  /** For tests, which do not wait so long. @default 35,000 */
  readonly timeoutMs?: number;
};

/**
 * Asks a distribution as a viewer would, once: dials its own addresses, with SNI and Host of the alias, and verifies its
 * certificate, because a forged answer would be believed. No redirect is followed, no cookie is kept, and no proxy is
 * used. It never throws, and leaves no socket open.
 */
export async function askEdge(question: EdgeQuestion, tools: EdgeTools): Promise<EdgeOutcome> {
  const problem = problemOf(question);
  if (problem !== null) return { kind: "not-asked", problem };
  const { lookup, forbids, signal, port = 443, timeoutMs = longestMs } = tools;
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const dns = await lookup(question.domainName, ["A"]).catch(() => null);
  if (dns?.kind !== "answered") return { kind: "failed", problem: `${question.domainName} could not be looked up` };
  const forbidden = dns.addresses.flatMap((address) => forbids(address) ?? []);
  const [address] = dns.addresses;
  if (address === undefined || forbidden.length > 0) {
    return {
      kind: "not-asked",
      problem: `${question.domainName} leads to an address that is ${forbidden[0] ?? "none"}`,
    };
  }
  const tcp = await openConnection(address, port, { timeoutMs: connectMs, attempts: 1, signal: within });
  if (tcp.kind !== "connected") return { kind: "failed", problem: `no connection to ${question.domainName}` };
  return await exchange(tcp.socket, question, tools, within);
}

/** CloudFront itself waits up to 30 seconds for a connection to an origin, by default. */
const longestMs = 35_000;
const connectMs = 10_000;

/** What must not be asked: names, paths and bytes come from a configuration that anybody may have written. */
function problemOf({ domainName, host, path }: EdgeQuestion): string | null {
  if (!isOwnName(domainName)) return "the distribution has no name under cloudfront.net";
  const isName = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(host);
  if (!isName || isIP(host) !== 0) return "the host is no name that viewers can use";
  return isAskablePath(path) ? null : "the path is not one that can be asked for";
}

/** All that is ever sent: nothing that is not part of the cache key could poison a cache. */
export function edgeRequest({ method, host, path }: EdgeQuestion, userAgent: string): string {
  return [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    `User-Agent: ${userAgent}`,
    "Accept-Encoding: identity",
    "",
    "",
  ].join("\r\n");
}

function exchange(
  connection: Socket,
  question: EdgeQuestion,
  { context, userAgent }: EdgeTools,
  within: AbortSignal,
): Promise<EdgeOutcome> {
  const { host, method } = question;
  const reader = answerReader(method);
  return new Promise((resolve) => {
    const socket = connect({
      socket: connection,
      servername: host,
      secureContext: context,
      ALPNProtocols: ["http/1.1"],
      rejectUnauthorized: true,
    });
    let sentAt = 0;
    const settle = (outcome: EdgeOutcome) => {
      within.removeEventListener("abort", onAbort);
      connection.destroy();
      resolve(outcome);
    };
    const failed = (problem: string) => settle({ kind: "failed", problem });
    const onAbort = () => failed(sentAt === 0 ? "no TLS handshake in time" : "no answer in time");
    const onReading = (reading: ReturnType<typeof reader.push>) => {
      if (reading.kind === "invalid") failed(`it answered ${reading.problem}`);
      if (reading.kind !== "answer") return;
      const elapsedMs = Math.round(performance.now() - sentAt);
      settle({ kind: "answered", response: { ...reading.answer, method, elapsedMs } });
    };
    within.addEventListener("abort", onAbort, { once: true });
    if (within.aborted) return onAbort();
    socket.on("secureConnect", () => {
      sentAt = performance.now();
      socket.write(edgeRequest(question, userAgent));
    });
    socket.on("data", (chunk: Buffer) => onReading(reader.push(chunk)));
    socket.on("end", () => onReading(reader.end()));
    // An answer may have been settled by then, after which nothing more is.
    socket.on("close", () => failed("the connection was closed"));
    socket.on("error", (error) => {
      const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
      failed(`${sentAt === 0 ? `no TLS connection for ${host}` : "the connection broke"} (${printable(code, 64)})`);
    });
    connection.on("error", () => failed("the connection broke"));
  });
}
