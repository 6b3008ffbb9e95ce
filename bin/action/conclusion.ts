import type { Verdict } from "../../lambda/judge/finding.ts";
import { worstFirst } from "../../lambda/judge/verdict.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { counted } from "../../lambda/text/phrase.ts";
import type { FailOn } from "./inputs.ts";

/** What the step says of itself: its outputs, and why it fails. */
export type Conclusion = {
  /** The worst verdict of all; `skipped` where there was nothing to check, `unread` where nothing could be read. */
  readonly verdict: Verdict | "unread";
  readonly counts: Readonly<Record<Verdict, number>>;
  /** How many parts of the input were not read, and connections not checked. */
  readonly unread: number;
  /** A sentence for each reason to fail; none where the step passes. */
  readonly reasons: readonly string[];
};

type Seen = {
  /** Null where nothing could be read. */
  readonly records: readonly ConnectionRecord[] | null;
  readonly problems: readonly string[];
};

const failing: Readonly<Record<FailOn, readonly Verdict[]>> = {
  failing: ["failing"],
  "at-risk": ["failing", "at-risk"],
  unknown: ["failing", "at-risk", "unknown"],
  never: [],
};

/** Decides whether the step fails: no tick stands for what nobody has looked at, unless it is allowed. */
export function conclusionOf(
  { records, problems }: Seen,
  { failOn, allowUnread }: { readonly failOn: FailOn; readonly allowUnread: boolean },
): Conclusion {
  const counts = { failing: 0, "at-risk": 0, unknown: 0, healthy: 0, skipped: 0 };
  for (const { verdict } of records ?? []) counts[verdict] += 1;
  const notReached = (records ?? []).filter(({ findings }) => findings.some(({ code }) => code === "out-of-time"));
  const unread = problems.length + notReached.length;
  const bad = failing[failOn].filter((verdict) => counts[verdict] > 0);
  const reasons = [
    ...bad.map((verdict) => `${counted(counts[verdict], "connection")} ${verdict} (fail-on is ${failOn})`),
    ...(unread > 0 && !allowUnread ? [`${notChecked(unread)} (allow-unread is not set)`] : []),
  ];
  const worst = worstFirst.find((verdict) => counts[verdict] > 0) ?? "skipped";
  return { verdict: records === null ? "unread" : worst, counts, unread, reasons };
}

function notChecked(unread: number): string {
  return unread === 1
    ? "a part of the input was not read or not checked"
    : `${unread} parts of the input were not read or not checked`;
}
