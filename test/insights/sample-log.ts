import { vi } from "vitest";
import { runLog } from "../../lambda/functions/run-log.ts";
import { incidentUpdates } from "../../lambda/incidents/incident-update.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import { emptyMemory } from "../../lambda/memory/memory.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../../lambda/report/record.ts";
import { powertoolsTelemetry } from "../../lambda/telemetry/powertools.ts";
import {
  address,
  certificate,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionRefused,
  connectionTimedOut,
  report,
  scope,
  silentAddress,
  use,
} from "../tell/records.ts";

/**
 * What the function would log in these runs, with times that stay the same; one after the other, where its memory says what
 * of each is left out.
 */
export function logOf(runs: readonly RunReport[]): readonly string[] {
  const lines: string[] = [];
  const write = (text: unknown) => {
    lines.push(...String(text).trimEnd().split("\n"));
    return true;
  };
  const streams = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(write));
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    let state: State = emptyState;
    let memory = emptyMemory;
    for (const run of runs) {
      vi.setSystemTime(run.finishedAt);
      const { next } = step(state, run, new Date(run.finishedAt), { ...defaultAlertPolicy, confirmations: 1 });
      const updates = incidentUpdates(state, next, run);
      const delivery = { sent: [], failures: [], waiting: 0, yielded: false, updates, problems: [] };
      const telemetry = powertoolsTelemetry("watch");
      const log = runLog(telemetry, memory, run.runId, Date.parse(run.startedAt));
      const unlogged = log.finish(run, updates);
      memory = log.rememberedIn(memory, run);
      telemetry.recordRun(run, delivery, {
        board: { kind: "stored", bytes: 4_000 },
        memory: { kind: "unchanged" },
        counts: null,
        throughCloudFront: null,
        ...unlogged,
      });
      state = next;
    }
  } finally {
    vi.useRealTimers();
    for (const stream of streams) stream.mockRestore();
  }
  return lines;
}

const shop = [use("E1EXAMPLE", { comment: "Shop" })];
const both = [...shop, use("E2EXAMPLE")];
const seen = (domain: string, ms: number, notAfter: string) => ({
  observed: { addresses: [address(domain, { ms, chain: [certificate(domain, { notAfter })] })] },
});

/** A few origins in one run of the story that docs/queries.md shows. */
function run(index: number, changed: readonly ConnectionRecord[], problems: readonly RunProblem[] = []): RunReport {
  const origins = [
    connectionRecord("www.example.com", { uses: shop, ...seen("www.example.com", 38 + index, "2027-01-20T00:00:00Z") }),
    connectionRecord("shop.example.com", {
      uses: shop,
      verdict: "at-risk",
      findings: [certificateExpiring],
      ...seen("shop.example.com", 52, "2026-11-29T12:00:00Z"),
    }),
    connectionRecord("internal.example.com", {
      uses: [use("E2EXAMPLE")],
      verdict: "unknown",
      findings: [connectionTimedOut],
      observed: { addresses: [silentAddress("connection timed out", { ms: 30_004 })] },
    }),
    ...changed,
  ];
  const minute = String(3 + 15 * index).padStart(2, "0");
  return report(problems.length > 0 ? [] : origins, {
    runId: `run-${index + 1}`,
    startedAt: `2026-11-23T03:${minute}:00.000Z`,
    finishedAt: `2026-11-23T03:${minute}:31.000Z`,
    problems,
  });
}

const api = (changes: object) => connectionRecord("api.example.com", { uses: both, ...changes });
const media = (changes: object) => connectionRecord("media.example.com", { uses: shop, ...changes });
const apiSeen = seen("api.example.com", 47, "2026-12-30T00:00:00Z");
const refused = {
  verdict: "failing",
  findings: [connectionRefused],
  observed: { addresses: [silentAddress("connection refused", { ms: 2 })] },
} as const;

/** Media is down at first and up again in the third run; api breaks in the second; the last run cannot read the account. */
export const sampleRuns: readonly RunReport[] = [
  run(0, [api(apiSeen), media(refused)]),
  run(1, [api({ verdict: "failing", findings: [chainIncomplete], ...apiSeen }), media(refused)]),
  run(2, [
    api({ verdict: "failing", findings: [chainIncomplete], ...apiSeen }),
    media(seen("media.example.com", 61, "2027-02-01T00:00:00Z")),
  ]),
  run(
    3,
    [],
    [
      {
        code: "inventory-failed",
        scope,
        message: "The list of distributions could not be read (access denied); no distribution is checked.",
        remedy: "Let the role call cloudfront:ListDistributions.",
      },
    ],
  ),
];
