import { printable } from "./printable.ts";

/** `1 origin`, `3 origins`, `2 addresses`, `5 policies`. */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : plural(noun)}`;
}

/** A number of things, to be read: `12,480`. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return ["s", "x", "ch"].some((ending) => noun.endsWith(ending)) ? `${noun}es` : `${noun}s`;
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
