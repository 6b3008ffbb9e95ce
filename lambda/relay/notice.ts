import * as v from "valibot";
import type { OpenEffect } from "../judge/open-effect.ts";
import type { DistributionEffect } from "../report/distribution-record.ts";

/** What the relay must know of a notice; `text` is all of it, as the topic's subscribers get it. */
export type RelayedNotice = {
  readonly text: string;
  readonly event: string;
  /** ISO 8601. */
  readonly at: string;
  readonly incidents: readonly RelayedIncident[];
  /** How many more there were no room for. */
  readonly leftOut: number;
};

export type RelayedIncident = {
  readonly status: string;
  readonly code: string;
  /** Null where it is none that is known here. */
  readonly effect: OpenEffect | DistributionEffect | null;
  /** `domain:port`; null for an incident of a distribution itself. */
  readonly origin: string | null;
  readonly title: string;
  readonly openedAt: string;
  readonly distributions: readonly string[];
};

export type NoticeReading =
  | { readonly kind: "notice"; readonly notice: RelayedNotice }
  /** Something else on the topic: an alarm of CloudWatch, or a message that a person published. */
  | { readonly kind: "other" };

/** Reads what the topic gave to a function: the JSON rendering of a notice, or anything else. */
export function readNotice(text: string): NoticeReading {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: "other" };
  }
  const parsed = v.safeParse(noticeSchema, json);
  return parsed.success ? { kind: "notice", notice: { text, ...parsed.output } } : { kind: "other" };
}

const noticeSchema = v.object({
  schemaVersion: v.literal(1),
  source: v.literal("origin-watch"),
  event: v.string(),
  at: v.pipe(v.string(), v.isoTimestamp()),
  incidents: v.array(
    v.object({
      status: v.string(),
      code: v.string(),
      effect: v.fallback(v.nullable(v.picklist(["502", "504", "5xx", "may"])), null),
      origin: v.nullable(v.string()),
      title: v.string(),
      openedAt: v.pipe(v.string(), v.isoTimestamp()),
      distributions: v.array(v.string()),
    }),
  ),
  leftOut: v.fallback(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
});
