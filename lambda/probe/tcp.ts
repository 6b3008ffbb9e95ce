import { connect, type Socket } from "node:net";
import type { AddressOutcome, NotTried } from "./observation.ts";
import { afterSilence } from "./silence.ts";

export type TcpOutcome =
  | { readonly kind: "connected"; readonly socket: Socket; readonly attempts: number }
  | { readonly kind: "refused"; readonly attempts: number }
  /** Accepted, and reset before anything was sent. */
  | { readonly kind: "reset" }
  | { readonly kind: "timed-out"; readonly attempts: number }
  | { readonly kind: "unreachable"; readonly errno: string }
  /** No descriptor, no local port, or cancelled: a reason on our side. */
  | { readonly kind: "not-tried"; readonly reason: string };

/** Errors that say that there is no route from here. */
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
 * Opens a TCP connection as CloudFront does: up to `attempts` tries of `timeoutMs` each (ConnectionAttempts and
 * ConnectionTimeout, https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html).
 * A refusal is an answer, and is not retried.
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
 * Connects for one run and remembers which addresses did not answer at all. The server name makes no difference to a
 * SYN, and behind a firewall that admits only CloudFront each of a hundred server names would cost the whole timeout.
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
      // A late error of a socket without a listener would end the process.
      socket.on("error", () => undefined);
      if (attempt.kind !== "connected") socket.destroy();
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

/** The outcome for an address without a connection. */
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
