import type { Draft } from "../incidents/change.ts";
import { accountInFull } from "../report/account-name.ts";
import type { RunReport } from "../report/record.ts";
import { accountsRead } from "../report/run-accounts.ts";
import { counted, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { exactSpan } from "../text/span.ts";
import { countedSteps, stillDistributionLines } from "./distribution-lines.ts";
import { firstScreen } from "./first-screen.ts";
import { always, listed } from "./fit.ts";
import { countsOf } from "./footer.ts";
import type { MessageParts } from "./message-parts.ts";
import { stillLine } from "./origin-lines.ts";
import { incompleteNote } from "./problem-sections.ts";
import type { MessageContext, Summary } from "./summary.ts";

const nothingToCheck =
  "Check that the distributions are in this account, and that the settings includeDistributions and excludeDistributions leave some to check.";

/** The first message after deployment: that it works, what it found, what it cannot see, and what comes next. */
export function startedParts(
  draft: Draft,
  { others }: Summary,
  report: RunReport,
  { scope, reminders }: MessageContext,
): MessageParts {
  const at = report.finishedAt;
  const account = accountInFull(scope);
  const where = account === null ? "" : ` in account ${account}`;
  const accounts = accountsRead(report);
  const [worst] = others;
  const open = [
    ...others.map((origin) => stillLine(origin, at)),
    ...stillDistributionLines(draft.openDistributions, report),
  ];
  const screen = worst === undefined ? null : firstScreen(worst, worst.findings, report);
  return {
    lead: [
      `Origin Watch works${where}. It checks ${counted(report.distributions, "distribution")}${accounts === null ? "" : `, with ${accounts}`}.`,
      `${countsOf(draft, report)}.`,
      ...open.slice(0, 1),
      ...(open.length > 1 ? [`and ${open.length - 1} more, listed below`] : []),
    ],
    steps: report.distributions === 0 ? [nothingToCheck] : (screen?.steps.slice(0, 1) ?? countedSteps(draft)),
    otherwise: "nothing.",
    verify: screen?.verify ?? null,
    items: listed("Open as well:", 90, open.slice(1)),
    rest: [
      always(incompleteNote(draft.change.problems)),
      listed(
        "Could not be checked in this run:",
        60,
        draft.notChecked.map((entry) => `- ${hostAndPort(entry)}: ${printable(entry.reason, 250)}`),
      ),
      always(
        [
          "Never checked: errors that an origin answers itself, origins that an edge function chooses, and revocation.",
          "Origin Watch connects to the origins and sends them no request.",
          ...(report.countsOff
            ? []
            : ["CloudFront's own count shows whether viewers get errors, and names no origin."]),
        ].join(" "),
      ),
      always(
        [
          "What comes next:",
          "- An alert when an origin begins to fail, may fail, or has a certificate that expires soon.",
          `- A reminder as long as nothing changes: every ${exactSpan(reminders.remindFailingAfter)} of what fails, every ${exactSpan(reminders.remindAtRiskAfter)} of what is at risk.`,
          "- A message when it is fixed.",
          reminders.weeklyDigest ? "- A summary every week." : "- No message as long as all is well.",
        ].join("\n"),
      ),
    ],
  };
}
