import { instant } from "./instant.ts";
import { printable } from "./printable.ts";

/** A time in ISO 8601 as people read it: `2026-11-23 03:12 UTC`. */
export function utc(time: string): string {
  return instant(Date.parse(time));
}

/** The time between two moments in its two largest units: `3 h 12 min`, `2 days 4 h`. */
export function duration(from: string, to: string): string {
  const minutes = Math.floor((Date.parse(to) - Date.parse(from)) / 60_000);
  if (!(minutes >= 1)) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return joined(`${hours} h`, minutes % 60, "min");
  return joined(counted(Math.floor(hours / 24), "day"), hours % 24, "h");
}

/** How long findings that are over lasted, from the first beginning to the last sighting, or until now. */
export function lasted(
  ended: readonly { readonly openedAt: string; readonly clearSince: string | null }[],
  at: string,
): string {
  const from = ended.map(({ openedAt }) => openedAt).toSorted()[0] ?? at;
  const until =
    ended
      .map(({ clearSince }) => clearSince ?? at)
      .toSorted()
      .at(-1) ?? at;
  return duration(from, until);
}

/** A span for people, in its natural unit: `24 hours`, `7 days`. */
export function span(ms: number): string {
  const hours = Math.round(ms / 3_600_000);
  return hours > 48 && hours % 24 === 0 ? counted(hours / 24, "day") : counted(hours, "hour");
}

function joined(larger: string, smaller: number, unit: string): string {
  return smaller === 0 ? larger : `${larger} ${smaller} ${unit}`;
}

/** `1 origin`, `3 origins`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `a`, `a and b`, `a, b and c`, and beyond `max` entries `a, b and 7 more`. */
export function enumerated(items: readonly string[], max: number): string {
  const shown = items.length > max ? [...items.slice(0, max), `${items.length - max} more`] : items;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** `api.example.com`, with the port where it is not the usual one. */
export function hostAndPort({ domain, port }: { readonly domain: string; readonly port: number }): string {
  return port === 443 ? printable(domain, 253) : `${printable(domain, 253)}:${port}`;
}

/** A finding's title as a part of a sentence: no capital unless it is a name or an acronym, no full stop. */
export function asClause(title: string): string {
  const shown = printable(title, 250).replace(/\.$/, "");
  return /^[A-Z][a-z]+ /.test(shown) ? shown.charAt(0).toLowerCase() + shown.slice(1) : shown;
}

/** The same after the domain has been named: `does not exist in DNS`. */
export function asClauseOf(domain: string, title: string): string {
  const clause = asClause(title);
  return clause.startsWith(`${domain} `) ? clause.slice(domain.length + 1) : clause;
}
