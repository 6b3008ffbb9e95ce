import { html, jsonContent, type Markup } from "./markup.ts";
import { parametersOf, type WidgetPage } from "./widget-page.ts";

/** A place in the widget that leads to a page. */
export function button(functionArn: string, label: Markup, page: WidgetPage): Markup {
  return html`<button type="button" class="ow-button">${label}</button>${action(functionArn, page)}`;
}

/** The same in the midst of a text. */
export function plainButton(functionArn: string, label: string, page: WidgetPage): Markup {
  return html`<button type="button" class="ow-button ow-plain">${label}</button>${action(functionArn, page)}`;
}

/** No domain name is longer; what is, leads to the notice that there is no such origin. */
export function pageOfOrigin({ domain, port }: { readonly domain: string; readonly port: number }): WidgetPage {
  return { kind: "origin", domain: domain.slice(0, 253), port };
}

/** Belongs to the element right before it. An origin is shown above the widget, everything else in its place. */
function action(functionArn: string, page: WidgetPage): Markup {
  const display = page.kind === "origin" ? "popup" : "widget";
  const parameters = jsonContent(parametersOf(page));
  return html`<cwdb-action action="call" display="${display}" endpoint="${functionArn}">${parameters}</cwdb-action>`;
}
