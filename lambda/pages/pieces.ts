import type { Verdict } from "../judge/finding.ts";
import { fitting } from "../text/fitting.ts";
import { instant, isoInstant } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { html, type Markup, sizeOf } from "./markup.ts";
import { verdictWords } from "./words.ts";

/** A verdict as colour, shape and word. */
export function badge(verdict: Verdict): Markup {
  return html`<span class="ow-badge ow-${verdict}">${verdictWords[verdict]}</span>`;
}

/** A time for people and machines. */
export function time(ms: number): Markup {
  const shown = instant(ms);
  return shown.endsWith("UTC") ? html`<time datetime="${isoInstant(ms)}">${shown}</time>` : html`${shown}`;
}

/** Labels with what they stand for; those without a value are left out. */
export function factList(facts: readonly (readonly [label: string, value: Markup | string | null])[]): Markup {
  const given = facts.filter(([, value]) => value !== null && value !== "");
  return html`<dl class="ow-facts">${given.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}

/** A sentence in which what stands between backticks is code. */
export function prose(text: string, maxLength: number): Markup {
  const parts = printable(text, maxLength).split(/`([^`]+)`/);
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`;
}

/** Words of a configuration, one after the other: paths, names. */
export function words(texts: readonly string[], most: number): Markup {
  const shown = texts.slice(0, most).map((text) => html`<code>${printable(text, 253)}</code> `);
  return html`${shown}${texts.length > most ? `and ${texts.length - most} more` : null}`;
}

/**
 * As many parts as fit, the first one always, and how many did not.
 *
 * @param left says how many are missing
 */
export function fittingParts(parts: readonly Markup[], maxBytes: number, left: (count: number) => Markup): Markup {
  const shown = fitting(parts, maxBytes, sizeOf, 1);
  return html`${shown}${shown.length < parts.length ? left(parts.length - shown.length) : null}`;
}
