import type { Incident } from "../incidents/state.ts";
import { ruleOf } from "../judge/catalogue.ts";
import { worstEffect } from "../judge/effect-order.ts";
import type { Finding } from "../judge/finding.ts";
import { effectsOf } from "../judge/finding-of.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { span } from "../text/span.ts";

/** What a subject says of an origin first. */
export type Tagged = {
  /** What stands in brackets: `502`, `SOME 504`, `EXPIRES IN 6 DAYS`, `AT RISK`. */
  readonly tag: string;
  /** Of several, the lowest one is told. */
  readonly rank: number;
  /** The title of the finding that explains it, to be read after the origin's name. */
  readonly what: string;
  /** How many of the addresses fail, null where that is not the point. */
  readonly addresses: string | null;
  /** A reminder has the same tag with the new time, so that nothing needs to be said of its being one. */
  readonly expires: boolean;
};

/**
 * What is to be said first of the open findings of an origin.
 *
 * @param records the connections that have them, as far as this run saw any
 * @param at the time of the run, ISO 8601
 */
export function tagged(incidents: readonly Incident[], records: readonly ConnectionRecord[], at: string): Tagged {
  const [first] = incidents;
  const worst = worstEffect(incidents.map(({ effect }) => effect));
  const nothing = { addresses: null, expires: false };
  if (worst !== "may") {
    const what = incidents.find(({ effect }) => effect === worst)?.title ?? "";
    return { ...nothing, tag: worst, rank: worst === "502" ? 0 : 1, what };
  }
  return (
    someAddresses(incidents, records) ??
    expiring(incidents, records, at) ?? { ...nothing, tag: "AT RISK", rank: 6, what: first?.title ?? "" }
  );
}

/** Some of the addresses fail and others do not; the finding of those that fail says why. */
function someAddresses(incidents: readonly Incident[], records: readonly ConnectionRecord[]): Tagged | null {
  const overview = incidents.find(({ code }) => ruleOf(code)?.sumsUp === "addresses");
  const facts = overview === undefined ? undefined : seenIn(records, overview)?.facts?.addresses;
  if (overview === undefined || facts === undefined) return null;
  const cause = incidents.find(({ code, key }) => key === overview.key && isFatal(code));
  const addresses = `${facts.failing} of ${facts.total} addresses`;
  const rank = facts.answers === "502" ? 2 : 3;
  return { tag: `SOME ${facts.answers}`, rank, what: (cause ?? overview).title, addresses, expires: false };
}

/** On every address it would make CloudFront answer an error. */
function isFatal(code: string): boolean {
  const rule = ruleOf(code);
  return rule !== undefined && ["502", "504"].includes(effectsOf(rule).usually);
}

/** The first certificate to expire of those that are warned of. */
function expiring(incidents: readonly Incident[], records: readonly ConnectionRecord[], at: string): Tagged | null {
  const [next] = incidents
    .flatMap((incident) => {
      const warning = ruleOf(incident.code)?.warnsOfExpiry;
      const left = Date.parse(seenIn(records, incident)?.facts?.expiresAt ?? "") - Date.parse(at);
      return warning !== undefined && left > 0 ? [{ what: warning.what, left }] : [];
    })
    .toSorted((a, b) => a.left - b.left);
  if (next === undefined) return null;
  const tag = `EXPIRES IN ${span(next.left).toUpperCase()}`;
  return { tag, rank: 4, what: next.what, addresses: null, expires: true };
}

/** The finding of an incident as this run saw it. */
export function seenIn(
  records: readonly ConnectionRecord[],
  { key, code }: Pick<Incident, "key" | "code">,
): Finding | undefined {
  const record = records.find(({ connection }) => connection.key === key);
  return record?.findings.find((finding) => finding.code === code);
}
