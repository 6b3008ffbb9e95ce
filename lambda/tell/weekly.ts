import type { Draft } from "../incidents/change.ts";
import { originsOf } from "../report/origins.ts";
import { printable } from "../text/printable.ts";
import { always, listed, type Section } from "./fit.ts";
import { stillLine } from "./origin-block.ts";
import { counted, duration, hostAndPort, mutedLine, utc } from "./phrase.ts";
import type { RunReport } from "./record.ts";
import type { Summary } from "./summary.ts";

/** A server certificate that is in use, and when it ends. */
export type Expiry = {
  readonly domain: string;
  readonly port: number;
  /** ISO 8601. */
  readonly notAfter: string;
  readonly subject: string;
};

/** What a week without news looks like: that everything was checked, what is still open, and what ends next. */
export function weeklySections(draft: Draft, { others }: Summary, report: RunReport): readonly Section[] {
  const origins = originsOf(report.records);
  const healthy = origins.filter(({ verdict }) => verdict === "healthy").length;
  const lead =
    others.length === 0
      ? `${howClear(draft)} ${healthy} of ${counted(origins.length, "origin")} healthy at the last look.`
      : `${counted(others.length, "origin")} with open problems, ${healthy} of ${origins.length} healthy at the last look.`;
  const expiries = nextExpiries(report, 5).map(
    (each) =>
      `- ${hostAndPort(each)}: ${utc(each.notAfter)}, in ${duration(report.finishedAt, each.notAfter)} (${printable(each.subject, 120)})`,
  );
  const blind = draft.blindSpots.map((spot) => `- ${hostAndPort(spot)}: ${printable(spot.reason, 250)}`);
  return [
    always(lead),
    listed("Open:", 90, others.map(stillLine)),
    listed("Certificates that end next:", 80, expiries),
    listed("Muted:", 70, draft.muted.map(mutedLine)),
    listed("Not checked, and why:", 60, blind),
  ];
}

function howClear({ change, muted }: Draft): string {
  if (muted.length > 0) return "Nothing is open but what is muted.";
  return change.problems.still.length > 0 ? "Nothing is known to be open." : "All clear: nothing is open.";
}

/** The origins whose server certificates end first, at most one entry for each origin. */
export function nextExpiries(report: RunReport, count: number): readonly Expiry[] {
  return originsOf(report.records)
    .flatMap(({ domain, port, records }): Expiry[] => {
      const leaves = records
        .flatMap(({ observed }) => observed.addresses)
        .flatMap(({ chain }) => chain.slice(0, 1))
        .filter(({ notAfter }) => Date.parse(notAfter) > Date.parse(report.finishedAt))
        .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
      const [first] = leaves;
      return first === undefined ? [] : [{ domain, port, notAfter: first.notAfter, subject: first.subject }];
    })
    .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter))
    .slice(0, count);
}
