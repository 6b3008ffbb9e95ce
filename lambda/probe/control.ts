import { isIP } from "node:net";
import type { Lookup } from "./dns.ts";
import { openConnection } from "./tcp.ts";

/** A server that is known to be there. */
export type Server = { readonly host: string; readonly port: number };

export type ControlOutcome = { readonly server: string; readonly outcome: "answered" | "unresolved" | "silent" };

const timeoutMs = 3_000;
/** More say nothing more. */
const mostServers = 4;

/**
 * Asks servers that are known to be there what is asked of origins first: their name, by the same resolver, and a TCP
 * connection, on which nothing is sent. A refusal is an answer. It never throws.
 */
export function askControl(
  servers: readonly Server[],
  lookup: Lookup,
  signal: AbortSignal,
): Promise<readonly ControlOutcome[]> {
  return Promise.all(
    servers.slice(0, mostServers).map(async ({ host, port }): Promise<ControlOutcome> => {
      const server = `${host}:${port}`;
      const address = isIP(host) === 0 ? await resolved(host, lookup, signal) : host;
      if (address === null) return { server, outcome: "unresolved" };
      const tcp = await openConnection(address, port, { timeoutMs, attempts: 1, signal });
      if (tcp.kind === "connected") tcp.socket.on("error", () => undefined).destroy();
      const isAnswer = tcp.kind === "connected" || tcp.kind === "refused" || tcp.kind === "reset";
      return { server, outcome: isAnswer ? "answered" : "silent" };
    }),
  );
}

async function resolved(host: string, lookup: Lookup, signal: AbortSignal): Promise<string | null> {
  const over = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  const dns = await Promise.race([lookup(host, ["A"]).catch(() => null), over]);
  return dns?.kind === "answered" ? (dns.addresses[0] ?? null) : null;
}
