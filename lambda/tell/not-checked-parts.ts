import { scopeId } from "../configuration/scope.ts";
import { usedBy } from "../incidents/audiences.ts";
import type { Draft, NotCheckedOrigin } from "../incidents/change.ts";
import { originId, originsWith } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { verificationOf } from "../report/verify.ts";
import { instant } from "../text/instant.ts";
import { groupedBy } from "../text/non-empty.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { countLines } from "./count-lines.ts";
import { always, listed } from "./fit.ts";
import type { MessageParts } from "./message-parts.ts";
import { affectedLine, notCheckedLine } from "./origin-lines.ts";

/** What could not be checked, for which reason, and what to do about it. */
export function notCheckedParts({ notChecked }: Draft, report: RunReport): MessageParts {
  const origins = originsWith(report.records, new Set(notChecked.map(originId)));
  // How others reach the same origin is none of its.
  const recordsOf = (entry: NotCheckedOrigin) =>
    usedBy(entry.scopes.length === 0 ? null : entry.scopes.map(scopeId), origins.get(originId(entry))?.records ?? []);
  const region = report.records.find(({ observed }) => observed.addresses.length > 0)?.observed.addresses[0]?.seenFrom;
  const from = region === undefined || region === "here" ? "" : ` from ${printable(region, 40)}`;
  const count = counted(notChecked.length, "origin");
  const lines = notChecked.map(notCheckedLine);
  // What to do for each reason that they have, the most frequent first, and for which of them where there are several.
  const reasons = groupedBy(
    notChecked.flatMap((entry) => {
      const [finding] = recordsOf(entry).flatMap((record) =>
        record.findings.filter(({ effect, title }) => effect === "unseen" && title === entry.reason),
      );
      return finding === undefined ? [] : [{ entry, finding }];
    }),
    ({ finding }) => finding.code,
  );
  const groups = [...reasons.values()].toSorted((a, b) => b.length - a.length);
  const remedies =
    groups.length < 2
      ? groups.flatMap(([{ finding }]) => finding.remedy.slice(0, 2))
      : groups.slice(0, 2).flatMap((group) => {
          const names = enumerated(
            group.map(({ entry }) => hostAndPort(entry)),
            2,
          );
          return group[0].finding.remedy.slice(0, 1).map((step) => `${names}: ${step}`);
        });
  const shown = notChecked
    .flatMap(recordsOf)
    .find(({ verdict, reproduce }) => verdict === "unknown" && reproduce !== null);
  return {
    lead: [
      `${count} could not be checked${from}. This does not predict an error. Earlier alerts about ${notChecked.length === 1 ? "it" : "them"} stay open.`,
      ...lines.slice(0, 3),
      ...(lines.length > 3 ? [`and ${lines.length - 3} more, listed below`] : []),
    ],
    steps: [
      ...remedies.map((step) => printable(step, 600)),
      "If an origin admits CloudFront only, or is private, this is expected. Check it from inside with `origin-watch check origin HOST`, then mute it.",
    ],
    otherwise: "nothing.",
    verify: shown === undefined ? null : verificationOf(shown),
    items: listed("Not checked as well:", 80, lines.slice(3)),
    rest: [
      listed(
        "Affected:",
        70,
        notChecked.flatMap((entry) => affectedLine(entry, recordsOf(entry))),
      ),
      always(countLines(notChecked.flatMap(recordsOf), report).join("\n")),
    ],
  };
}

/** Said once of what was said to be not checked. */
export function checkedAgainParts({ notChecked }: Draft, report: RunReport): MessageParts {
  const lines = notChecked.map(
    (entry) =>
      `- ${hostAndPort(entry)}: was not checked from ${instant(entry.since)} to ${instant(entry.lastUnseen)} (${printable(entry.reason, 250)})`,
  );
  const pass = notChecked.length === 1 ? "passes" : "pass";
  return {
    lead: [
      `${counted(notChecked.length, "origin")} can be checked again, and ${pass} the check of ${instant(report.finishedAt)}.`,
      ...lines.slice(0, 3),
      ...(lines.length > 3 ? [`and ${lines.length - 3} more, listed below`] : []),
    ],
    steps: [],
    otherwise: "nothing.",
    verify: null,
    items: listed("Checked again as well:", 80, lines.slice(3)),
    rest: [],
  };
}
