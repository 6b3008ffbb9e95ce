import { connect, type Socket } from "node:net";
import type { AddressOutcome, NotTried } from "./observation.ts";
import { afterSilence } from "./silence.ts";

export type TcpOutcome =
  | { readonly kind: "connected"; readonly socket: Socket; readonly attempts: number }
  | { readonly kind: "refused"; readonly attempts: number }
  /** Accepted and reset before we could say a word. */
  | { readonly kind: "reset" }
  | { readonly kind: "timed-out"; readonly attempts: number }
  | { readonly kind: "unreachable"; readonly errno: string }
  /** No descriptor, no local port, cancelled: our own affair. */
  | { readonly kind: "not-tried"; readonly reason: string };

/** Errors that say that there is no way from here to there. */
const unreachable = new Set([
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EACCES",
  "EPERM",
]);

/**
 * Opens a TCP connection as CloudFront does: up to `attempts` tries of `timeoutMs` each
 * (ConnectionAttempts and ConnectionTimeout,
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html).
 * A refusal is an answer and is not tried again.
 */
export async function openConnection(
  address: string,
  port: number,
  limits: { readonly timeoutMs: number; readonly attempts: number; readonly signal: AbortSignal },
): Promise<TcpOutcome> {
  for (let attempt = 1; attempt <= limits.attempts; attempt += 1) {
    const outcome = await connectOnce(address, port, limits.timeoutMs, limits.signal);
    if (outcome.kind === "connected") return { ...outcome, attempts: attempt };
    if (outcome.kind === "refused") return { kind: "refused", attempts: attempt };
    if (outcome.kind !== "timed-out") return outcome;
  }
  return { kind: "timed-out", attempts: limits.attempts };
}

export type OpenConnection = typeof openConnection;

/**
 * Dials for one run and remembers which address did not answer at all: to a SYN it makes no difference which of a
 * hundred server names is to follow, and behind a firewall that admits CloudFront only each would cost its whole time.
 */
export function connector(): OpenConnection {
  const unanswered = new Map<string, TcpOutcome>();
  return async (address, port, limits) => {
    const key = `${address} ${port} ${limits.timeoutMs} ${limits.attempts}`;
    const known = unanswered.get(key);
    if (known !== undefined) return known;
    const outcome = await openConnection(address, port, limits);
    if (outcome.kind === "timed-out") unanswered.set(key, outcome);
    return outcome;
  };
}

type Attempt =
  | { readonly kind: "connected"; readonly socket: Socket }
  | { readonly kind: "refused" }
  | { readonly kind: "reset" }
  | { readonly kind: "timed-out" }
  | { readonly kind: "unreachable"; readonly errno: string }
  | { readonly kind: "not-tried"; readonly reason: string };

function connectOnce(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<Attempt> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ kind: "not-tried", reason: "deadline" });
      return;
    }
    const socket = connect({ host: address, port, noDelay: true });
    const stopWaiting = afterSilence(timeoutMs, () => settle({ kind: "timed-out" }));
    const onAbort = () => settle({ kind: "not-tried", reason: "deadline" });
    signal.addEventListener("abort", onAbort, { once: true });

    function settle(attempt: Attempt): void {
      stopWaiting();
      signal.removeEventListener("abort", onAbort);
      socket.removeAllListeners();
      if (attempt.kind !== "connected") {
        // A late error of a socket that nobody listens to would end the process.
        socket.on("error", () => undefined);
        socket.destroy();
      }
      resolve(attempt);
    }

    socket.once("connect", () => settle({ kind: "connected", socket }));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(attemptFrom(error.code ?? error.message)));
  });
}

function attemptFrom(errno: string): Attempt {
  if (errno === "ECONNREFUSED") return { kind: "refused" };
  if (errno === "ECONNRESET") return { kind: "reset" };
  if (errno === "ETIMEDOUT") return { kind: "timed-out" };
  if (unreachable.has(errno)) return { kind: "unreachable", errno };
  return { kind: "not-tried", reason: errno };
}

/** What to note of an address to which there was no connection. */
export function withoutConnection(
  tcp: Exclude<TcpOutcome, { kind: "connected" } | { kind: "reset" }>,
  timeoutMs: number,
): AddressOutcome {
  switch (tcp.kind) {
    case "refused":
      return { kind: "connect-refused", attempts: tcp.attempts };
    case "timed-out":
      return { kind: "connect-timed-out", attempts: tcp.attempts, timeoutMs };
    case "unreachable":
      return { kind: "connect-unreachable", errno: tcp.errno };
    case "not-tried":
      return { kind: "not-tried", reason: notTried(tcp.reason) };
  }
}

export function notTried(reason: string): NotTried {
  return reason === "deadline" ? "deadline" : { bug: reason };
}
