import { accountInFull } from "../report/account-name.ts";
import { originId } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { countLines } from "./count-lines.ts";
import { lasted } from "./lasted.ts";
import type { MessageParts } from "./message-parts.ts";
import {
  type EndedOrigin,
  isByRules,
  isByVantages,
  isPlainHttp,
  isReached,
  type OpenOrigin,
  type Summary,
} from "./summary.ts";
import { whatFixedIt } from "./what-fixed-it.ts";

export type EndedParts = Pick<MessageParts, "lead" | "otherwise"> & { readonly remarks: readonly string[] };

/** An origin of which something that was told is fixed, or no longer checked: what, for how long, and what is so now. */
export function endedParts(origin: EndedOrigin, report: RunReport): EndedParts {
  const { ended, watched, left } = origin;
  const { changed, seenNow } = whatFixedIt(ended, watched, report);
  const counts = countLines(watched?.records ?? [], report);
  const name = hostAndPort(origin);
  const isClosed =
    isByRules(origin) ||
    isByVantages(origin) ||
    (ended.every(({ gone }) => gone !== null) && watched?.verdict !== "healthy" && !isNowHttp(origin));
  const first = [
    isClosed
      ? whyClosed(origin)
      : left === null && watched?.verdict === "healthy"
        ? `Fixed: ${name} passes the check again.`
        : `Fixed at ${name}:`,
    ...ended.slice(0, 8).map((finding) => {
      const until = instant(finding.clearSince ?? report.finishedAt);
      const time = `open for ${lasted([finding], report.finishedAt)}, ${instant(finding.openedAt)} to ${until}`;
      const how = isByRules(origin) || isByVantages(origin) ? "" : howEnded(finding);
      return `- ${printable(finding.title, 250)}: ${time}${how}`;
    }),
    ...(ended.length > 8 ? [`and ${ended.length - 8} more findings of this origin`] : []),
    ...(changed === null ? [] : [changed]),
    ...howReached(origin),
  ];
  const nothing =
    isClosed && !isByRules(origin)
      ? "nothing, unless this change of the configuration was not intended."
      : `nothing for ${name}.`;
  return {
    lead: first,
    otherwise: nothing,
    remarks: [
      ...(isClosed ? ["Not known: whether it was fixed."] : []),
      ...(seenNow.length > 0 ? [seenNow.join("\n")] : []),
      ...(counts.length > 0 ? [counts.join("\n")] : []),
    ],
  };
}

const noLongerReported = "no longer reported, because the rules of Origin Watch changed";
const noLongerSeen = "no longer checked from where it was seen";

/** Among others that were fixed. */
function howEnded({ gone }: EndedOrigin["ended"][number]): string {
  return gone === "rules-changed" ? `, ${noLongerReported}` : gone === "vantage-removed" ? `, ${noLongerSeen}` : "";
}

function isNowHttp({ watched }: EndedOrigin): boolean {
  return watched !== null && isPlainHttp(watched);
}

function whyClosed(origin: EndedOrigin): string {
  const { ended } = origin;
  const name = hostAndPort(origin);
  const reasons = new Set(ended.map(({ gone }) => gone));
  if (isByRules(origin))
    return `No longer reported for ${name}: this version of Origin Watch has other rules. The origin may be as it was.`;
  if (reasons.has("account-not-watched")) {
    const accounts = [...new Set(ended.flatMap(({ scopes }) => scopes.flatMap((scope) => accountInFull(scope) ?? [])))];
    const which = `${accounts.length === 1 ? "Account" : "Accounts"} ${enumerated(accounts, 3)} ${accounts.length === 1 ? "is" : "are"}`;
    return `${which} not watched any more, so ${name} is no longer checked. The origin may be as it was.`;
  }
  if (isByVantages(origin)) {
    const places = enumerated(
      [...new Set(ended.flatMap(({ seenFrom = [] }) => seenFrom))].map((place) => printable(place, 40)),
      5,
    );
    return `No longer reported for ${name}: it was seen from ${places} only, and Origin Watch does not check from there now.`;
  }
  if (reasons.has("distribution-disabled")) return `The distribution is disabled, so ${name} is no longer checked.`;
  if (reasons.has("no-viewers")) return `No viewer is sent to the distribution now, so ${name} is no longer checked.`;
  if (reasons.has("origin-unused")) return `No cache behavior uses ${name} now, so it is no longer checked.`;
  if (reasons.has("s3-origin")) return `${name} is an S3 bucket endpoint now, which needs no check.`;
  if (isReached(origin))
    return `CloudFront no longer connects to ${name} in the way that failed: the configuration was changed.`;
  return `No distribution that Origin Watch checks uses ${name} now, so it is no longer checked.`;
}

function howReached(origin: EndedOrigin): readonly string[] {
  const { ended, watched, left } = origin;
  const isChanged = ended.some(({ gone }) => gone === "not-configured");
  return [
    ...(isChanged && isNowHttp(origin) ? ["CloudFront uses plain HTTP to the origin now."] : []),
    ...(left === null && watched?.verdict === "unknown"
      ? ["The way that CloudFront connects now could not be checked."]
      : []),
  ];
}

/** The same in one line, for when there are many. */
export function endedLine(origin: EndedOrigin, { finishedAt }: RunReport): string {
  const titles = [...new Set(origin.ended.map(({ title }) => printable(title, 250)))];
  const how = isByRules(origin) ? `, ${noLongerReported}` : isByVantages(origin) ? `, ${noLongerSeen}` : "";
  return `- ${hostAndPort(origin)}: ${enumerated(titles, 3)}, open for ${lasted(origin.ended, finishedAt)}${how}`;
}

/** Of the origins that are partly fixed, those with what is left. */
export function leftOf(improved: readonly EndedOrigin[], { still }: Summary): readonly OpenOrigin[] {
  const ids = new Set(improved.map(originId));
  return still.filter((origin) => ids.has(originId(origin)));
}
