import { ruleOf } from "../judge/catalogue.ts";
import type { Finding } from "../judge/finding.ts";
import { isEgress } from "../probe/observation.ts";
import { originId } from "./origins.ts";
import type { ConnectionRecord } from "./record.ts";

/** Fewer origins are no sign of anything but themselves. */
const several = 3;

/** A vantage that reached no origin at all, and how many of these other vantages reached. */
export type SilentVantage = { readonly vantage: string; readonly origins: number };

/**
 * The vantages that got no answer from anybody, while others reached several of the same origins: that is their own
 * network, and says nothing of any origin.
 */
export function silentVantages(records: readonly ConnectionRecord[]): readonly SilentVantage[] {
  const meetsSomebody = new Set<string>();
  const darkFrom = new Map<string, Set<string>>();
  for (const { connection, observed } of records) {
    const seen = observed.vantages ?? [];
    const reaching = seen.filter(({ got }) => isAnswer(got)).map(({ vantage }) => vantage);
    for (const { vantage, got } of seen) {
      // Any answer comes through a network, one of DNS that there is no such name too.
      const isDark = got === "dns" && observed.addresses.some(({ seenFrom }) => seenFrom === vantage);
      if (isAnswer(got) || (got === "dns" && !isDark)) meetsSomebody.add(vantage);
      if (isDark && reaching.some((other) => contradicts(other, vantage)))
        darkFrom.set(vantage, (darkFrom.get(vantage) ?? new Set()).add(originId(connection)));
    }
  }
  return [...darkFrom]
    .map(([vantage, origins]) => ({ vantage, origins: origins.size }))
    .filter(({ vantage, origins }) => origins >= several && !meetsSomebody.has(vantage));
}

/** Without what only these say of reaching an origin; the same list where that is nothing. */
export function withoutWordOf(silent: readonly SilentVantage[], findings: readonly Finding[]): readonly Finding[] {
  const names = new Set(silent.map(({ vantage }) => vantage));
  const kept = findings.filter(
    ({ code, seenFrom }) =>
      seenFrom === undefined ||
      ruleOf(code).about !== "reachability" ||
      !seenFrom.every((vantage) => names.has(vantage)),
  );
  return kept.length === findings.length ? findings : kept;
}

/** What a firewall admits, the fixed addresses of a VPC, shows nothing of the network of those whom it does not admit. */
function contradicts(reaching: string, silent: string): boolean {
  return isEgress(silent) || !isEgress(reaching);
}

function isAnswer(got: string): boolean {
  return got === "tcp" || got === "tls" || got === "certificate";
}
