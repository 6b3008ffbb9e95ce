import { boardStyle, darkColours, lightColours, narrowStyle } from "./style.ts";

const verdicts = ["failing", "at-risk", "unknown", "healthy", "skipped"] as const;

/** The radio buttons above choose what is shown, without a script. */
const filters = verdicts
  .map((verdict) => `.ow:has(#show-${verdict}:checked) .ow-some:not([data-verdicts~="${verdict}"])`)
  .join(",\n");

/** Whoever asks for these wants to see them, not a line that can be opened. */
const opened = (["healthy", "skipped"] as const)
  .map(
    (verdict) => `
  .ow:has(#show-${verdict}:checked) .ow-fold > summary { display: none; }
  .ow:has(#show-${verdict}:checked) .ow-fold::details-content { content-visibility: visible; block-size: auto; }`,
  )
  .join("");

/** The style sheet of the HTML report. */
export const reportStyle = `
:root { color-scheme: light; ${lightColours} }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; ${darkColours} } }
html { background: var(--ow-page); scroll-padding-block-start: 1rem; }
${boardStyle}
.ow { margin: 0; font-size: 0.9375rem; }
.ow-report { max-inline-size: 68rem; margin-inline: auto; padding: 1.5rem 1.25rem 3rem; }
.ow-report > header { margin-block-end: 1.5rem; }
.ow-product { color: var(--ow-quiet); font-size: 0.87rem; font-weight: 650; }
.ow h1 { font-size: 1.7rem; font-weight: 700; line-height: 1.2; letter-spacing: -0.01em; margin-block: 0.1rem 0.25rem; }
.ow h2 { font-size: 1.15rem; font-weight: 700; margin-block: 2.2rem 0.7rem; }
.ow main > section:first-child > h2 { margin-block-start: 0; }
.ow-filter { display: flex; gap: 0.5rem; border: 0; padding: 0; margin: 1.1rem 0 0; min-inline-size: 0; }
.ow-tile { flex: 1 1 0; position: relative; display: block; padding: 0.45rem 0.7rem; border: 1px solid var(--ow-line); border-radius: 8px; background: var(--ow-ground); cursor: pointer; color: var(--ow-quiet); font-size: 0.87rem; }
.ow-tile b { display: block; font-size: 1.35rem; line-height: 1.25; color: var(--ow-tone, var(--ow-text)); }
.ow-tile span { display: flex; align-items: center; gap: 0.4em; }
.ow-tile span::before { color: var(--ow-tone, var(--ow-text)); }
.ow-tile:has(:checked) { border-color: var(--ow-tone, var(--ow-text)); box-shadow: inset 0 0 0 1px var(--ow-tone, var(--ow-text)); }
@media (forced-colors: active) { .ow-tile:has(:checked) { border: 3px solid Highlight; } }
.ow-tile:has(:disabled) { cursor: default; background: none; }
.ow-tile:has(:focus-visible) { outline: 3px solid var(--ow-link); outline-offset: 2px; }
.ow-tile input { position: absolute; opacity: 0; inset: 0; margin: 0; inline-size: 100%; block-size: 100%; cursor: inherit; }
.ow-notices { margin-block-start: 1rem; }
.ow-cards { display: grid; gap: 0.75rem; }
.ow-long :is(.ow-cards > *, .ow-distribution, .ow-origin, .ow-member, .ow-routes) { content-visibility: auto; contain-intrinsic-size: auto none auto 9rem; }
.ow-members { list-style: none; }
.ow-member { border-block-start: 1px solid var(--ow-line); padding-block: 0.5rem; }
.ow-members { margin-block-start: 0.5rem; }
.ow-timeline { display: block; inline-size: 100%; max-inline-size: 34rem; block-size: auto; margin-block-end: 0.6rem; }
.ow-timeline rect { fill: var(--ow-tone); }
.ow-timeline text { fill: var(--ow-quiet); font-size: 11px; }
.ow-timeline .ow-count { fill: var(--ow-text); text-anchor: middle; }
.ow-axis { stroke: var(--ow-line); }
.ow-routes { background: var(--ow-ground); border: 1px solid var(--ow-line); border-radius: 8px; padding: 0.6rem 1rem; margin-block-start: 0.75rem; }
.ow-routes ul { list-style: none; }
.ow-route { display: grid; grid-template-columns: minmax(0, 2fr) 3.5rem minmax(0, 3fr); gap: 0 0.75rem; align-items: center; padding-block: 0.2rem; }
.ow-route .ow-badge { margin-inline-start: 0.5rem; }
.ow-edge { border-block-start: 2px solid var(--ow-tone); position: relative; }
.ow-edge::after { content: ""; position: absolute; inset-inline-end: 0; inset-block-start: -5px; inline-size: 7px; block-size: 7px; border: solid var(--ow-tone); border-width: 2px 2px 0 0; transform: rotate(45deg); }
.ow-failing > .ow-edge { border-block-start-style: dashed; }
.ow-card > details { margin-block-start: 0.4rem; }
.ow-detail { scroll-margin-block-start: 9rem; }
.ow-panel, .ow-distribution { background: var(--ow-ground); border: 1px solid var(--ow-line); border-radius: 8px; padding: 0.8rem 1rem; }
.ow-account { margin-block: 1.2rem 0.5rem; }
.ow-distribution + .ow-distribution { margin-block-start: 0.75rem; }
.ow-distribution > details, .ow-more { margin-block-start: 0.5rem; }
.ow-expiries { display: grid; gap: 0.2rem; }
.ow-long .ow-origin { contain-intrinsic-size: auto none auto 2.6rem; }
.ow-origin { border-block-start: 1px solid var(--ow-line); padding-block: 0.45rem; }
.ow-origin:first-child { border: 0; }
.ow-origin h3 { display: inline; }
.ow-origin > summary { color: inherit; inline-size: auto; }
.ow-origin .ow-quiet { font-size: 0.87rem; margin-inline-start: 0.5rem; }
.ow-fold > summary { font-weight: 650; }
.ow-report > footer { margin-block-start: 2.5rem; color: var(--ow-quiet); font-size: 0.87rem; }
${filters} { display: none; }
@supports selector(::details-content) {${opened}
}
@media (max-width: 40rem) {
  .ow-report { padding: 1rem 1rem 2rem; }
  .ow h1 { font-size: 1.4rem; }
  .ow-filter { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.4rem, 1fr)); }
  .ow-tile { padding: 0.3rem 0.6rem; }
  .ow-tile b { font-size: 1.15rem; }
  .ow { ${narrowStyle} }
}
@media print {
  :root { ${lightColours} }
  html { background: none; }
  .ow { font-size: 0.7rem; line-height: 1.35; }
  .ow-report { padding: 0; }
  .ow-filter, section:has(> #distributions), .ow details:not([open]):not(.ow-fold) { display: none; }
  .ow-long :is(.ow-cards > *, .ow-distribution, .ow-origin, .ow-member, .ow-routes) { content-visibility: visible; }
  .ow-cards { display: block; columns: 2; column-gap: 0.75rem; }
  .ow-card { padding: 0.4em 0.7em; margin-block-end: 0.5rem; }
  .ow-card:not(:has(details[open])) { break-inside: avoid; }
  .ow-card:has(details[open]) { column-span: all; }
  .ow-report > footer { margin-block-start: 1rem; font-size: inherit; }
  .ow h2 { margin-block: 1rem 0.4rem; }
}
`;
