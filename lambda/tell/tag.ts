import type { Incident } from "../incidents/state.ts";
import { ruleOf } from "../judge/catalogue.ts";
import { worstEffect } from "../judge/effect-order.ts";
import type { Finding } from "../judge/finding.ts";
import { effectsOf } from "../judge/finding-of.ts";
import type { ExpiryWarning } from "../judge/rule.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { span } from "../text/span.ts";

/** What a message says of an origin first. */
export type Tagged = {
  /** What stands in brackets: `502`, `SOME 504`, `EXPIRES IN 6 DAYS`, `AT RISK`. */
  readonly tag: string;
  /** Of several, the lowest one is told. */
  readonly rank: number;
  /** The title of the finding that explains it, to be read after the origin's name. */
  readonly what: string;
  /** That finding; undefined where nothing is open. */
  readonly incident: Incident | undefined;
} & (
  | { readonly kind: "answers"; readonly effect: "502" | "504" }
  /** Some of the addresses fail, and others were not seen to. */
  | {
      readonly kind: "some";
      readonly answers: "502" | "504";
      readonly failing: readonly string[];
      readonly total: number;
      /** What says how many they are. */
      readonly overview: Incident;
    }
  | { readonly kind: "expires"; readonly expiresAt: string; readonly warning: ExpiryWarning }
  | { readonly kind: "risk" }
);

/**
 * What is to be said first of the open findings of an origin.
 *
 * @param incidents the worst first
 * @param records the connections that have them, as far as this run saw any
 * @param at the time of the run, ISO 8601
 */
export function tagged(incidents: readonly Incident[], records: readonly ConnectionRecord[], at: string): Tagged {
  const [first] = incidents;
  const worst = worstEffect(incidents.map(({ effect }) => effect));
  if (worst !== "may") {
    const incident = incidents.find(({ effect }) => effect === worst);
    const rank = worst === "502" ? 0 : 1;
    return { kind: "answers", tag: worst, rank, what: incident?.title ?? "", incident, effect: worst };
  }
  const risk = { kind: "risk", tag: "AT RISK", rank: 6, what: first?.title ?? "", incident: first } as const;
  return someAddresses(incidents, records) ?? expiring(incidents, records, at) ?? risk;
}

/** The finding of the addresses that fail says why. */
function someAddresses(incidents: readonly Incident[], records: readonly ConnectionRecord[]): Tagged | null {
  const overview = incidents.find(({ code }) => ruleOf(code)?.sumsUp === "addresses");
  const facts = overview === undefined ? undefined : seenIn(records, overview)?.facts?.addresses;
  if (overview === undefined || facts === undefined) return null;
  const incident = incidents.find(({ code, key }) => key === overview.key && isFatal(code)) ?? overview;
  const record = records.find(({ connection }) => connection.key === overview.key);
  const addresses = (record?.findings ?? []).flatMap(({ code, address }) => (isFatal(code) ? (address ?? []) : []));
  const failing = [...new Set(addresses)].map((address) => printable(address, 60));
  const { answers, total } = facts;
  const rank = answers === "502" ? 2 : 3;
  return {
    kind: "some",
    tag: `SOME ${answers}`,
    rank,
    what: incident.title,
    incident,
    answers,
    failing,
    total,
    overview,
  };
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
      const expiresAt = seenIn(records, incident)?.facts?.expiresAt ?? "";
      const left = Date.parse(expiresAt) - Date.parse(at);
      return warning !== undefined && left > 0 ? [{ incident, warning, expiresAt, left }] : [];
    })
    .toSorted((a, b) => a.left - b.left);
  if (next === undefined) return null;
  const { incident, warning, expiresAt, left } = next;
  const tag = `EXPIRES IN ${span(left).toUpperCase()}`;
  return { kind: "expires", tag, rank: 4, what: warning.what, incident, expiresAt, warning };
}

/** The finding of an incident as this run saw it. */
export function seenIn(
  records: readonly ConnectionRecord[],
  { key, code }: Pick<Incident, "key" | "code">,
): Finding | undefined {
  const record = records.find(({ connection }) => connection.key === key);
  return record?.findings.find((finding) => finding.code === code);
}
