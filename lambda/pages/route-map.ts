import { alphabetically } from "../text/alphabet.ts";
import { counted } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { OriginName } from "./distribution-table.ts";
import type { DistributionView } from "./distribution-view.ts";
import { html, type Markup } from "./markup.ts";
import type { OriginView } from "./origin-view.ts";
import { badge, fittingParts } from "./pieces.ts";
import { verdictWords } from "./words.ts";

/** Of one distribution, and of all together. */
const [mostRoutes, mostBytes] = [60, 200_000];

/** Which cache behavior leads to which origin. */
type Route = { readonly pathPattern: string; readonly role: string | null; readonly origin: OriginView };

/**
 * Distribution, behavior and origin as a map: a line for each behavior and origin, which is broken where the origin
 * fails. The default behavior comes last, because it takes what the others leave.
 */
export function routeMap(views: readonly DistributionView[], name: OriginName): Markup | null {
  if (views.length === 0) return null;
  const maps = views.map((view) => mapOf(view, name));
  return html`
    <div class="ow-map">
      ${fittingParts(maps, mostBytes, (count) => html`<p>and ${counted(count, "more distribution")}</p>`)}
    </div>`;
}

function mapOf({ about, origins }: DistributionView, name: OriginName): Markup {
  const routes = origins.flatMap(routesTo).toSorted(byPath);
  const left = routes.length - mostRoutes;
  return html`
    <section class="ow-routes">
      <h3>${about.distributionId} <span class="ow-quiet">${printable(about.names.slice(0, 3).join(", "), 200)}</span></h3>
      <ul>${routes.slice(0, mostRoutes).map((route) => line(route, name))}</ul>
      ${left > 0 ? html`<p class="ow-quiet">and ${counted(left, "more behavior")}</p>` : null}
    </section>`;
}

function line({ pathPattern, role, origin }: Route, name: OriginName): Markup {
  const { verdict } = origin;
  const path = pathPattern === "*" ? "default (*)" : printable(pathPattern, 255);
  return html`
    <li class="ow-route ow-some ow-${verdict}" data-verdicts="${verdict}">
      <code>${path}</code>
      <span class="ow-edge" aria-hidden="true"></span>
      <span>${name(origin)}${role === null ? null : html` <span class="ow-quiet">${role}</span>`}
        <span aria-hidden="true">${badge(verdict)}</span><span class="ow-hidden">: ${verdictWords[verdict]}</span></span>
    </li>`;
}

function routesTo(origin: OriginView): readonly Route[] {
  const routes = origin.records.flatMap(({ uses }) =>
    uses.flatMap(({ pathPatterns, group }) =>
      pathPatterns.map((pathPattern): Route => ({ pathPattern, role: group?.role ?? null, origin })),
    ),
  );
  return [...new Map(routes.map((route) => [JSON.stringify([route.pathPattern, route.role]), route])).values()];
}

function byPath(a: Route, b: Route): number {
  return Number(a.pathPattern === "*") - Number(b.pathPattern === "*") || alphabetically(a.pathPattern, b.pathPattern);
}
