import type { OpenEffect } from "../incidents/state.ts";
import { printable } from "../text/printable.ts";
import type { ConsoleLinks } from "./console-links.ts";
import { enumerated } from "./phrase.ts";
import type { ConnectionRecord } from "./record.ts";

/** One distribution, with everything of it that depends on an origin. */
export type Affected = {
  readonly distributionId: string;
  readonly comment: string;
  readonly pathPatterns: readonly string[];
  /** The names viewers use: aliases, or the distribution's own name where it has none. */
  readonly names: readonly string[];
  readonly groups: readonly { readonly id: string; readonly role: "primary" | "secondary" }[];
  /** Some behavior uses the origin directly or as a primary, not only after a failover. */
  readonly usedFirst: boolean;
};

export function affectedBy(records: readonly ConnectionRecord[]): readonly Affected[] {
  const uses = records.flatMap((record) => record.uses);
  return [...Map.groupBy(uses, (use) => use.distributionId)].map(([id, own]) => {
    const aliases = distinct(own.flatMap((use) => use.aliases));
    const domain = own.find((use) => use.distributionDomain !== null)?.distributionDomain;
    const groups = new Map(own.flatMap(({ group }) => (group === null ? [] : [[`${group.role} ${group.id}`, group]])));
    return {
      distributionId: printable(id, 64),
      comment: printable(own.find((use) => use.comment !== "")?.comment ?? "", 60),
      pathPatterns: distinct(own.flatMap((use) => use.pathPatterns)),
      names: aliases.length > 0 ? aliases : domain ? [printable(domain, 253)] : [],
      groups: [...groups.values()],
      usedFirst: own.some((use) => use.group?.role !== "secondary"),
    };
  });
}

/**
 * What breaks and for whom: `CloudFront answers 502 to cache misses for /api/* on www.example.com (distribution E1).`
 * A risk is told with its reason.
 */
export function consequence(affected: readonly Affected[], effect: OpenEffect, reason: string): string {
  const answers = effect === "may" ? "CloudFront may answer 502" : `CloudFront answers ${effect}`;
  const when = affected.some((entry) => entry.usedFirst)
    ? "to cache misses"
    : "to cache misses when it fails over to this origin,";
  const shown = affected.slice(0, maxInSentence).map(inSentence);
  const more = affected.length - shown.length;
  if (more > 0)
    shown.push(more === 1 ? "for one more distribution, listed below" : `for ${more} more distributions, listed below`);
  const sentence = [answers, when, shown.join(", and ")].join(" ").trim();
  return effect === "may" ? `${sentence}: ${reason}.` : `${sentence}.`;
}

/** What an origin group means for the viewers, a sentence for each group that needs one. */
export function failoverRemarks(affected: readonly Affected[]): readonly string[] {
  return affected
    .flatMap(({ distributionId, groups }) =>
      groups.map(({ id, role }) =>
        role === "primary"
          ? `In ${distributionId} it is the primary origin of group "${printable(id, 128)}": GET, HEAD and OPTIONS requests may be answered by the secondary origin, if the group's failover criteria cover this error.`
          : `In ${distributionId} it is the secondary origin of group "${printable(id, 128)}": it is asked after the primary origin has failed.`,
      ),
    )
    .slice(0, 5);
}

/** One line for each distribution: id, comment, console link, and what the sentence had no room for. */
export function distributionLines(affected: readonly Affected[], links: ConsoleLinks): readonly string[] {
  const lines = affected.slice(0, 50).map((entry, index) => {
    const name = entry.comment === "" ? entry.distributionId : `${entry.distributionId} (${entry.comment})`;
    const inFull = index >= maxInSentence || entry.pathPatterns.length > maxPaths || entry.names.length > maxNames;
    const users = inFull ? ` ${paths(entry, 100)} on ${enumerated(entry.names, 100)}` : "";
    return [printable(`${name}${users === "" ? "" : `:${users}`}`, 2000), links.distribution(entry.distributionId)]
      .filter((part) => part !== null)
      .join("\n  ");
  });
  return affected.length > 50 ? [...lines, `and ${affected.length - 50} more distributions`] : lines;
}

const maxInSentence = 3;
const maxPaths = 5;
const maxNames = 3;

/** A short form for lists: `/api/* on www.example.com (distribution E1)`. */
export function inSentence(entry: Affected): string {
  const where = entry.names.length > 0 ? ` on ${enumerated(entry.names, maxNames)}` : "";
  return `for ${paths(entry, maxPaths)}${where} (distribution ${entry.distributionId})`;
}

function paths({ pathPatterns }: Affected, max: number): string {
  if (pathPatterns.length === 0) return "requests that use it";
  return enumerated(
    pathPatterns.map((pattern) => (pattern === "*" ? "the default behavior (*)" : pattern)),
    max,
  );
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].map((text) => printable(text, 255));
}
