import type { Draft } from "../incidents/change.ts";
import { nextExpiries } from "../report/expiries.ts";
import { originsOf } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { counted, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { between } from "../text/span.ts";
import { always, listed, type Section } from "./fit.ts";
import { mutedLine } from "./muted-line.ts";
import { stillLine } from "./origin-block.ts";
import type { Summary } from "./summary.ts";

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
      `- ${hostAndPort(each)}: ${instant(each.notAfter)}, in ${between(report.finishedAt, each.notAfter)} (${printable(each.subject, 120)})`,
  );
  const notChecked = draft.notChecked.map((entry) => `- ${hostAndPort(entry)}: ${printable(entry.reason, 250)}`);
  return [
    always(lead),
    listed("Open:", 90, others.map(stillLine)),
    listed("Certificates that end next:", 80, expiries),
    listed("Muted:", 70, draft.muted.map(mutedLine)),
    listed("Not checked, and why:", 60, notChecked),
  ];
}

function howClear({ change, muted }: Draft): string {
  if (muted.length > 0) return "Nothing is open but what is muted.";
  return change.problems.still.length > 0 ? "Nothing is known to be open." : "All clear: nothing is open.";
}
