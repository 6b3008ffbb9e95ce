import { html, type Markup, styleElement } from "./markup.ts";
import { boardStyle, darkColours, lightColours, narrowStyle } from "./style.ts";

export type Theme = "light" | "dark";

const widgetStyle = `
.ow-light { color-scheme: light; ${lightColours} }
.ow-dark { color-scheme: dark; ${darkColours} }
${boardStyle}
.ow-widget { background: var(--ow-ground); padding: 0.25em 0.5em 0.75em; display: grid; gap: 0.9em; font-size: 14px; }
.ow-widget > * { min-inline-size: 0; }
.ow-widget h2 { font-size: 1.25em; font-weight: 700; }
.ow-widget .ow-counts { list-style: none; display: flex; flex-wrap: wrap; gap: 0.4em; margin-block-start: 0.4em; }
.ow-widget cwdb-action { display: none; }
.ow-button { font: inherit; font-weight: 650; cursor: pointer; color: var(--ow-link); background: none; border: 1px solid currentColor; border-radius: 1.2em; padding: 0.15em 0.9em; }
.ow-button.ow-plain { border: 0; padding: 0; border-radius: 0; text-align: start; text-decoration: underline 1px; text-underline-offset: 0.15em; overflow-wrap: anywhere; }
.ow-card > .ow-button { margin-block-start: 0.5em; }
.ow-buttons { display: flex; flex-wrap: wrap; gap: 0.5em; }
.ow-narrow {
${narrowStyle}
}
`;

/** Below so many pixels a widget is laid out for little width. */
const narrowBelow = 560;

/** Everything that a widget answers: one element with a style sheet that reaches nothing outside it. */
export function widgetFrame(theme: Theme, width: number, content: Markup): string {
  const layout = width < narrowBelow ? " ow-narrow" : "";
  return html`
    <div class="cwdb-no-default-styles ow ow-widget ow-${theme}${layout}">
      ${styleElement(widgetStyle)}
      ${content}
    </div>`.toString();
}
