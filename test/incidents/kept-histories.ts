import type { OriginScript, ReportScript } from "./arbitrary-reports.ts";
import type { Run } from "./history.ts";

const nothing: ReportScript = { origins: [], problems: [] };

function seen(...findings: OriginScript["findings"]): ReportScript {
  return { origins: [{ name: "a", findings, seen: false }], problems: [] };
}

/**
 * Histories that once showed a fault, shortened by fast-check to what it takes. They are played before all others.
 */
export const keptHistories: readonly (readonly Run[])[] = [
  // Two writers in a row got in the way of recording that a message was sent, and it was sent a second time.
  [
    { report: seen("some-addresses"), gap: 60_000, faults: [], cold: false },
    {
      report: seen("some-addresses"),
      gap: 60_000,
      faults: ["none", "none", "none", "conflict", "none", "none", "conflict"],
      cold: false,
    },
    { report: nothing, gap: 60_000, faults: [], cold: false },
  ],
  // An origin that stopped answering was taken for one whose certificate had been renewed.
  [
    { report: seen("expired"), gap: 60_000, faults: [], cold: false },
    { report: seen("timed-out"), gap: 60_000, faults: [], cold: false },
    { report: nothing, gap: 60_000, faults: [], cold: false },
  ],
  // The first of two messages was sent, the process died, and the second was forgotten with it.
  [
    {
      report: { ...seen("expired"), problems: ["inventory-failed"] },
      gap: 60_000,
      faults: ["none", "crash-after"],
      cold: false,
    },
    { report: nothing, gap: 3_600_000, faults: ["none", "none", "none", "none", "crash-before"], cold: false },
  ],
  // What was told while the state could not be read had ended before, and was then there twice when it ended again.
  [
    { report: seen("incomplete-perhaps"), gap: 60_000, faults: [], cold: false },
    { report: nothing, gap: 60_000, faults: [], cold: false },
    { report: seen("incomplete"), gap: 60_000, faults: ["lost", "conflict"], cold: false },
    { report: nothing, gap: 60_000, faults: [], cold: false },
  ],
  // A message waited because the state could not be written, and was forgotten when it could not be read either.
  [
    {
      report: { ...seen("no-protocol"), problems: ["inventory-failed"] },
      gap: 60_000,
      faults: ["none", "none", "none", "fail"],
      cold: false,
    },
    { report: nothing, gap: 60_000, faults: ["none", "conflict", "none", "lost"], cold: false },
    { report: { ...nothing, problems: ["inventory-failed"] }, gap: 60_000, faults: [], cold: false },
  ],
];
