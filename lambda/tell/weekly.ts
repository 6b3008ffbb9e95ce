import type { Draft } from "../incidents/change.ts";
import { nextExpiries } from "../report/expiries.ts";
import type { RunReport } from "../report/record.ts";
import { hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { between } from "../text/span.ts";
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
  const open = others.map((origin) => stillLine(origin, at));
  return {
    lead: [`${howClear(draft, others.length)}${countsOf(draft, report)}.`, ...open.slice(0, 3)],
    steps: worst === undefined ? [] : [`Fix ${hostAndPort(worst)}: its alert has the steps.`],
    otherwise: "nothing.",
    verify: null,
    items: listed("Open as well:", 90, open.slice(3)),
    rest: [
      always(incompleteNote(draft.change.problems)),
      listed("Certificates expiring next:", 80, expiries),
      listed("Muted:", 70, draft.muted.map(mutedLine)),
      listed(
        "Not checked:",
        60,
        draft.notChecked.map((entry) => `- ${hostAndPort(entry)}: ${printable(entry.reason, 250)}`),
      ),
    ],
  };
}

function howClear({ change, muted }: Draft, open: number): string {
  if (open > 0) return "";
  if (change.problems.still.length > 0) return "Nothing is known to be open. ";
  return muted.length > 0 ? "Nothing is open but what is muted. " : "All clear: nothing is open. ";
}
