import { groupedBy, type NonEmpty } from "../text/non-empty.ts";
import { counted } from "../text/phrase.ts";
import { html, type Markup } from "./markup.ts";
import { needsAttention, type OriginView } from "./origin-view.ts";
import { badge, prose } from "./pieces.ts";
import { causeLine, impact, sinceWords } from "./words.ts";

/** A group of fewer says no less when each origin has its own card. */
const smallestGroup = 3;

/** Origins to be looked at, those with the same worst finding together, in the order of the first of each. */
export function originsByCause(origins: readonly OriginView[]): readonly NonEmpty<OriginView>[] {
  const groups = groupedBy(origins, ({ verdict, causes: [worst] }) =>
    JSON.stringify([verdict, worst?.finding.code, worst?.finding.title]),
  );
  return [...groups.values()].flatMap((group): readonly NonEmpty<OriginView>[] =>
    group.length < smallestGroup || !group.every(needsAttention) ? group.map((origin) => [origin] as const) : [group],
  );
}

/**
 * Several origins with one cause: the cause and the first step once, and a line for each origin.
 *
 * @param detail everything else about one of them
 */
export function causeGroup(group: NonEmpty<OriginView>, now: number, detail: (origin: OriginView) => Markup): Markup {
  const [first] = group;
  const { verdict } = first;
  const steps = new Set(group.map(({ causes }) => causes[0]?.finding.remedy[0] ?? ""));
  const [step = ""] = steps;
  const shared = steps.size === 1 && step !== "";
  const title = first.causes[0]?.finding.title ?? causeLine(first);
  const rows = group.map((origin) => {
    const own = origin.causes[0]?.finding.remedy[0];
    const since = sinceWords(origin.open, now);
    return html`
      <li class="ow-member">
        <p><b>${origin.name}</b>${since === null ? null : html` <span class="ow-quiet">${since}</span>`}</p>
        <p>${impact(origin)}</p>
        ${shared || own === undefined ? null : html`<p class="ow-first"><b>Do first:</b> ${prose(own, 500)}</p>`}
        ${foldedEvidence(origin, detail)}
      </li>`;
  });
  return html`
    <article class="ow-card ow-some ow-${verdict}" data-verdicts="${verdict}">
      <div class="ow-card-head">
        <span aria-hidden="true">${badge(verdict)}</span>
        <h3>${counted(group.length, "origin")}: ${title}</h3>
      </div>
      ${shared ? html`<p class="ow-first"><b>Do first:</b> ${prose(step, 500)}</p>` : null}
      <ul class="ow-members">${rows}</ul>
    </article>`;
}

/** Everything else about an origin, to be unfolded. */
export function foldedEvidence(origin: OriginView, detail: (origin: OriginView) => Markup): Markup {
  return html`
    <details>
      <summary>Evidence, steps and command<span class="ow-hidden"> for ${origin.name}</span></summary>
      ${detail(origin)}
    </details>`;
}
