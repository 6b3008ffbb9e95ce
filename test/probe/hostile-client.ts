import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { observerHere } from "../../lambda/observe/in-process.ts";
import { clientContexts } from "../../lambda/probe/client-context.ts";
import { lookups } from "../../lambda/probe/dns.ts";
import { checkConnections } from "../../lambda/run.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { connection } from "../judge/checked.ts";

/** What the check is run against, on 127.0.0.1. */
export type ClientTask = {
  readonly targets: readonly { readonly port: number; readonly timeoutMs: number }[];
  readonly trusted: readonly string[];
  readonly concurrency: number;
  /** All is over when these, by their place among the targets, are judged. @default when all are */
  readonly untilJudged?: readonly number[];
};

export type ClientOutcome = {
  /** In the order of the targets. */
  readonly results: readonly { readonly verdict: string; readonly codes: readonly string[] }[];
  /** Peak of the resident set above what it was before the first connection. */
  readonly grownBytes: number;
  /** Sockets and timers that are alive at the end. */
  readonly left: readonly string[];
};

/** The check in a process of its own, so that its memory and its sockets can be told from those of the servers. */
process.once("message", (task: ClientTask) => void run(task).then((outcome) => process.send?.(outcome)));

async function run({ targets, trusted, concurrency, untilJudged = [] }: ClientTask): Promise<ClientOutcome> {
  const anchors = trustAnchors(trusted);
  const contextFor = clientContexts(anchors);
  const planned = targets.map(({ port, timeoutMs }) => ({
    kind: "probe" as const,
    connection: connection({
      domain: `server${port}.test`,
      forwardedHost: "origin.test",
      port,
      connectTimeoutMs: timeoutMs,
    }),
  }));
  const before = { resident: process.memoryUsage.rss(), descriptors: descriptors() };
  const awaited = new Set(untilJudged.map((index) => targets[index]?.port));
  const over = new AbortController();
  const { records } = await checkConnections(
    planned,
    {
      observer: observerHere("here", {
        lookup: lookups([]),
        contextFor,
        bounds: { sockets: concurrency, perAddress: concurrency },
        unanswered: new Set(),
        forbids: () => null,
        connectTo: "127.0.0.1",
      }),
      signal: over.signal,
      policy: { now: Date.now(), expiryWarningDays: 21, anchors },
    },
    ({ connection: { port } }) => {
      if (awaited.delete(port) && awaited.size === 0) over.abort();
    },
  );
  // Closing a socket is complete only a turn of the event loop after `destroy`.
  await setImmediate();
  await setImmediate();
  const held = Math.max(0, descriptors() - before.descriptors);
  return {
    results: records.map((record) => ({
      verdict: record.verdict,
      codes: record.findings.map(({ code }) => code),
    })),
    grownBytes: process.resourceUsage().maxRSS * 1024 - before.resident,
    left: [
      ...process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap"),
      ...Array.from({ length: held }, () => "file descriptor"),
    ],
  };
}

/** Open file descriptors where the system tells them; 0 elsewhere. */
function descriptors(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}
