import type { Draft } from "../incidents/change.ts";
import { countWords, windowWords } from "../report/counted.ts";
import { nextExpiries } from "../report/expiries.ts";
import type { RunReport } from "../report/record.ts";
import { hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { between } from "../text/span.ts";
import { countedSteps, mutedDistributionLine, stillDistributionLines } from "./distribution-lines.ts";
import { always, listed } from "./fit.ts";
import { countsOf } from "./footer.ts";
import type { MessageParts } from "./message-parts.ts";
import { mutedLine } from "./muted-line.ts";
import { stillLine } from "./origin-lines.ts";
import { incompleteNote } from "./problem-sections.ts";
import type { Summary } from "./summary.ts";

/** A week in a message: what is still open, what expires next, what is muted and what could not be checked. */
export function weeklyParts(draft: Draft, { others }: Summary, report: RunReport): MessageParts {
  const at = report.finishedAt;
  const [worst] = others;
  const expiries = nextExpiries(report, 5).map(
    (each) => `- ${printable(each.notAfter, 40).slice(0, 10)} ${hostAndPort(each)} (${between(at, each.notAfter)})`,
  );
  const open = [
    ...others.map((origin) => stillLine(origin, at)),
    ...stillDistributionLines(draft.openDistributions, report),
  ];
  return {
    lead: [`${howClear(draft, open.length)}${countsOf(draft, report)}.`, ...open.slice(0, 3)],
    steps: worst === undefined ? countedSteps(draft) : [`Fix ${hostAndPort(worst)}: its alert has the steps.`],
    otherwise: "nothing.",
    verify: null,
    items: listed("Open as well:", 90, open.slice(3)),
    rest: [
      always(incompleteNote(draft.change.problems)),
      listed("Errors of another kind than 502 and 504, by CloudFront's count:", 85, otherErrors(report)),
      listed("Certificates expiring next:", 80, expiries),
      listed("Muted:", 70, [...draft.muted.map(mutedLine), ...draft.mutedDistributions.map(mutedDistributionLine)]),
      listed(
        "Not checked:",
        60,
        draft.notChecked.map((entry) => `- ${hostAndPort(entry)}: ${printable(entry.reason, 250)}`),
      ),
    ],
  };
}

/** What an origin or a function answers itself, which is no incident. */
function otherErrors({ distributionRecords = [] }: RunReport): readonly string[] {
  const lines = distributionRecords.flatMap(({ distributionId, otherErrors: hasOthers, traffic }) =>
    hasOthers && traffic.kind === "counted"
      ? [`- ${printable(distributionId, 64)}: ${countWords(traffic.current)}, ${windowWords(traffic.current)}`]
      : [],
  );
  return lines.length > mostOthers
    ? [...lines.slice(0, mostOthers), `and ${lines.length - mostOthers} more; all are in the log`]
    : lines;
}

const mostOthers = 10;

function howClear({ change, muted, mutedDistributions }: Draft, open: number): string {
  if (open > 0) return "";
  if (change.problems.still.length > 0) return "Nothing is known to be open. ";
  return muted.length + mutedDistributions.length > 0
    ? "Nothing is open but what is muted. "
    : "All clear: nothing is open. ";
}
