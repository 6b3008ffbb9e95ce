import { type Scope, scopeId, unknownScope } from "../configuration/scope.ts";
import type { OpenEffect } from "../judge/open-effect.ts";
import type { Failover, Use } from "../plan/connection.ts";
import { counted, enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { accountIdFirst, accountInFull } from "./account-name.ts";
import type { ConsoleLinks } from "./console-links.ts";
import { failoverSentence, mayFailOver } from "./failover.ts";
import type { StoredRecord } from "./record.ts";

/** One distribution, with every part of it that depends on an origin. */
export type Affected = {
  readonly distributionId: string;
  readonly comment: string;
  readonly scope: Scope;
  /** Its account, where the distributions are in several; null where they are in one. */
  readonly account: Scope | null;
  readonly pathPatterns: readonly string[];
  /** The names viewers use: aliases, or the distribution's own name where it has none. */
  readonly names: readonly string[];
  readonly groups: readonly GroupUse[];
  /** Some behavior uses the origin directly or as a primary, not only after a failover. */
  readonly usedFirst: boolean;
  /** All behaviors reach it through origin groups that may fail over to another origin. */
  readonly failsOver: boolean;
  /** The default cache behavior is among those that use the origin. */
  readonly isDefault: boolean;
  readonly staging: boolean;
  /** Null for a distribution without tenants. */
  readonly tenants: number | null;
  /** Only the requests of viewers over HTTP take the connection. */
  readonly onlyOverHttp: boolean;
};

type GroupUse = {
  readonly id: string;
  readonly role: "primary" | "secondary";
  readonly originId: string;
  readonly failover: Failover | null;
};

export function affectedBy(records: readonly StoredRecord[]): readonly Affected[] {
  const uses = records.flatMap((record) => record.uses);
  const isOneAccount = new Set(uses.map(({ scope }) => scopeId(scope))).size < 2;
  return [...Map.groupBy(uses, (use) => use.distributionId)].map(([id, own]) => {
    const aliases = distinct(own.flatMap((use) => use.aliases));
    const domain = own.find((use) => use.distributionDomain !== null)?.distributionDomain;
    const groups = new Map(
      own.flatMap(({ group, originId, failover }) =>
        group === null ? [] : [[`${group.role} ${group.id}`, { ...group, originId, failover }]],
      ),
    );
    const schemes = new Set(own.flatMap((use) => use.viewerSchemes));
    return {
      distributionId: printable(id, 64),
      comment: printable(own.find((use) => use.comment !== "")?.comment ?? "", 60),
      scope: own[0]?.scope ?? unknownScope,
      account: isOneAccount ? null : (own[0]?.scope ?? null),
      pathPatterns: distinct(own.flatMap((use) => use.pathPatterns)),
      names: aliases.length > 0 ? aliases : domain ? [printable(domain, 253)] : [],
      groups: [...groups.values()],
      usedFirst: own.some((use) => use.group?.role !== "secondary"),
      failsOver: own.every(({ failover }) => failover !== null && mayFailOver(failover)),
      isDefault: own.some((use) => use.isDefault),
      staging: own.some((use) => use.staging),
      tenants: mostTenants(own),
      onlyOverHttp: schemes.has("http") && !schemes.has("https"),
    };
  });
}

/**
 * What viewers get, and where, in one sentence: `Cache misses get 502 for www.example.com/api/* (E1).`
 *
 * @param doubt the condition or the reason of a risk, as a clause; null where there is none
 */
export function consequence(
  affected: readonly Affected[],
  effect: OpenEffect,
  doubt: string | null,
  mayAnswer: "502" | "504" = "502",
): string {
  return asSentence(`Cache misses ${verb(effect, mayAnswer)}`, affected, doubt);
}

/** What the evidence allows to say. */
export function verb(effect: OpenEffect, mayAnswer: "502" | "504" = "502"): string {
  return effect === "may" ? `may get ${mayAnswer}` : `get ${effect}`;
}

/** @param opening who gets what, to go on with "for" and the places */
export function asSentence(opening: string, affected: readonly Affected[], clause: string | null): string {
  const places = affected.slice(0, maxInSentence).map(place);
  const more = affected.length - places.length;
  const shown = enumerated([...places, ...(more > 0 ? [counted(more, "more distribution")] : [])], maxInSentence + 1);
  const where = shown === "" ? "" : ` for ${shown}`;
  return `${opening}${where}${clause === null ? "" : `, ${clause}`}.`;
}

/** The same with a line for each place, where there are several: as many as leave room for what to do on a phone. */
export function asLines(opening: string, affected: readonly Affected[], clause: string | null): readonly string[] {
  if (affected.length < 2) return [asSentence(opening, affected, clause)];
  const places = affected.slice(0, placesShown(affected)).map(placeLine);
  const more = affected.length - places.length;
  return [
    `${opening}${clause === null ? "" : `, ${clause},`} for:`,
    ...places,
    ...(more > 0 ? [`and ${counted(more, "more distribution")}`] : []),
  ];
}

/** How many places have a line of their own. */
function placesShown(affected: readonly Affected[]): number {
  const lines = affected.slice(0, maxInSentence).map(placeLine);
  const rows = (count: number) =>
    lines
      .slice(0, count)
      .reduce((sum, line) => sum + Math.ceil(line.length / columns), affected.length > count ? 1 : 0);
  return [3, 2].find((count) => rows(count) <= maxRows) ?? 1;
}

function placeLine(entry: Affected): string {
  return `- ${place(entry)}`;
}

/** Whose requests they are, and when: `www.example.com/api/* (E1EXAMPLE)`, with the conditions that hold there. */
export function place(entry: Affected): string {
  const { distributionId, account, tenants, onlyOverHttp } = entry;
  const whose = account === null ? null : accountIdFirst(account);
  const of = tenants === null ? "" : ` of ${counted(tenants, "tenant")}`;
  return `${requests(entry)}${of}${onlyOverHttp ? " over HTTP" : ""} (${distributionId}${whose === null ? "" : `, ${whose}`})${when(entry)}`;
}

function when({ usedFirst, failsOver }: Affected): string {
  if (!usedFirst) return " when CloudFront fails over to this origin";
  return failsOver ? " where they do not fail over" : "";
}

/** `www.example.com/api/*`; several are `/cart/* and /checkout/* on shop.example.com and example.com`. */
function requests({ names, pathPatterns }: Affected): string {
  const [name, ...otherNames] = names;
  const [pattern, ...otherPatterns] = pathPatterns;
  if (name === undefined) return paths(pathPatterns, maxPaths);
  if (pattern === undefined) return enumerated(names, maxNames);
  if (otherNames.length > 0 || otherPatterns.length > 0) {
    return `${paths(pathPatterns, maxPaths)} on ${enumerated(names, maxNames)}`;
  }
  if (pattern === "*") return `${name}, default behavior`;
  return `${name}${pattern.startsWith("/") ? "" : "/"}${pattern}`;
}

/**
 * What an origin group means for the viewers, a sentence for each group that needs one.
 *
 * @param records all records of the run, for the verdicts on the secondary origins
 */
export function failoverRemarks(affected: readonly Affected[], records: readonly StoredRecord[]): readonly string[] {
  return affected
    .flatMap(({ distributionId, groups }) =>
      groups.map(({ id, role, failover }) =>
        role === "primary"
          ? `In ${distributionId} it is the primary origin of group "${printable(id, 128)}". ${failoverSentence(distributionId, failover, records)}`
          : `In ${distributionId} it is the secondary origin of group "${printable(id, 128)}". CloudFront uses it after the primary origin has failed.`,
      ),
    )
    .slice(0, 5);
}

/** One line for each distribution: id, comment, console link, and what the sentence had no room for. */
export function distributionLines(affected: readonly Affected[], links: ConsoleLinks): readonly string[] {
  const shown = placesShown(affected);
  const lines = affected.slice(0, 50).map((entry, index) => {
    const name = `${entry.distributionId}${inBrackets(entry)}`;
    const inFull = index >= shown || entry.pathPatterns.length > maxPaths || entry.names.length > maxNames;
    const users = inFull ? ` ${paths(entry.pathPatterns, 100)} on ${enumerated(entry.names, 100)}` : "";
    return [printable(`${name}${users === "" ? "" : `:${users}`}`, 2000), links.distribution(entry.distributionId)]
      .filter((part) => part !== null)
      .join("\n");
  });
  return affected.length > 50 ? [...lines, `and ${affected.length - 50} more distributions`] : lines;
}

const maxInSentence = 3;
/** Characters in a row of a phone, and rows for the places. */
const columns = 45;
const maxRows = 4;
const maxPaths = 3;
const maxNames = 2;

function inBrackets({ comment, account, staging, tenants }: Affected): string {
  const whose = account === null ? null : accountInFull(account);
  const facts = [
    ...(whose === null ? [] : [`account ${whose}`]),
    ...(comment === "" ? [] : [comment]),
    ...(staging ? ["staging"] : []),
    ...(tenants === null ? [] : [counted(tenants, "tenant")]),
  ];
  return facts.length === 0 ? "" : ` (${facts.join(", ")})`;
}

/** Uses of one distribution may share tenants, so only the largest number is certain. */
function mostTenants(uses: readonly Use[]): number | null {
  const counts = uses.flatMap(({ tenants }) => tenants ?? []);
  return counts.length === 0 ? null : counts.reduce((most, count) => Math.max(most, count));
}

function paths(pathPatterns: readonly string[], max: number): string {
  if (pathPatterns.length === 0) return "requests that use it";
  return enumerated(
    pathPatterns.map((pattern) => (pattern === "*" ? "the default behavior" : pattern)),
    max,
  );
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].map((text) => printable(text, 255));
}
