/** The look of everything on a board. All names start with `ow-`, so that nothing else on a dashboard changes. */

/** Every pair of text and ground that is used has a contrast of at least 4.5 to 1. */
export const lightColours = `
  --ow-page: #f4f6f8; --ow-ground: #ffffff; --ow-sunken: #f0f3f6; --ow-text: #16191f; --ow-quiet: #55606c; --ow-line: #d8dee4; --ow-link: #0b57c2;
  --ow-failing: #b3170b; --ow-failing-ground: #fdebe9; --ow-at-risk: #7d4b00; --ow-at-risk-ground: #fdf1d8;
  --ow-unknown: #234f94; --ow-unknown-ground: #e8f0fc; --ow-healthy: #1a6332; --ow-healthy-ground: #e5f5e9;
  --ow-skipped: #55606c; --ow-skipped-ground: #ebeef1;`;

export const darkColours = `
  --ow-page: #0d1218; --ow-ground: #161d26; --ow-sunken: #0f151c; --ow-text: #e4e8ec; --ow-quiet: #a5b0bb; --ow-line: #303b47; --ow-link: #7fb8ff;
  --ow-failing: #ff9a8f; --ow-failing-ground: #451a16; --ow-at-risk: #ffc861; --ow-at-risk-ground: #3d2c0a;
  --ow-unknown: #9fc6ff; --ow-unknown-ground: #172c4a; --ow-healthy: #85d89a; --ow-healthy-ground: #12301d;
  --ow-skipped: #b3bcc5; --ow-skipped-ground: #26303a;`;

/** Colour, shape and word: any one of them tells the verdict. */
const verdicts = ["failing", "at-risk", "unknown", "healthy", "skipped"]
  .map(
    (verdict) => `.ow-${verdict} { --ow-tone: var(--ow-${verdict}); --ow-tone-ground: var(--ow-${verdict}-ground); }`,
  )
  .join("\n");

const shapes = `
.ow-shape::before, .ow-badge::before { content: ""; flex: none; inline-size: 0.7em; block-size: 0.7em; background: currentColor; print-color-adjust: exact; forced-color-adjust: none; }
.ow-failing.ow-shape::before, .ow-badge.ow-failing::before { clip-path: polygon(20% 0, 50% 30%, 80% 0, 100% 20%, 70% 50%, 100% 80%, 80% 100%, 50% 70%, 20% 100%, 0 80%, 30% 50%, 0 20%); }
.ow-at-risk.ow-shape::before, .ow-badge.ow-at-risk::before { clip-path: polygon(50% 0, 100% 100%, 0 100%); }
.ow-unknown.ow-shape::before, .ow-badge.ow-unknown::before { clip-path: polygon(50% 0, 100% 50%, 50% 100%, 0 50%); }
.ow-healthy.ow-shape::before, .ow-badge.ow-healthy::before { border-radius: 50%; }
.ow-skipped.ow-shape::before, .ow-badge.ow-skipped::before { block-size: 0.2em; }
`;

export const boardStyle = `
.ow { color: var(--ow-text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; overflow-wrap: anywhere; text-align: start; }
.ow *, .ow *::before { box-sizing: border-box; }
.ow :where(h1, h2, h3, h4, h5, p, ul, ol, dl, dd, pre) { margin: 0; padding: 0; font-size: inherit; font-weight: inherit; color: inherit; }
.ow :where(h3, h4, h5, b, th) { font-weight: 650; }
.ow :where(a) { color: var(--ow-link); text-decoration-thickness: 1px; text-underline-offset: 0.15em; }
.ow :where(code, pre) { font: 0.92em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; color: inherit; background: none; border: 0; padding: 0; }
.ow :focus-visible { outline: 3px solid var(--ow-link); outline-offset: 2px; border-radius: 3px; }
.ow-hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.ow time { white-space: nowrap; }
.ow-quiet { color: var(--ow-quiet); font-weight: 400; }
${verdicts}
.ow-badge { display: inline-flex; align-items: center; gap: 0.4em; padding: 0.1em 0.6em; border-radius: 1em; font-size: 0.8em; font-weight: 650; line-height: 1.6; white-space: nowrap; color: var(--ow-tone); background: var(--ow-tone-ground); print-color-adjust: exact; }
${shapes}
.ow-week { display: flex; align-items: center; gap: 0.6em; font-size: 0.87em; }
.ow-squares { display: inline-flex; gap: 0.35em; }
.ow-squares > span { color: var(--ow-tone); }
.ow-squares > span::before { display: block; }
.ow-run { color: var(--ow-quiet); }
.ow-notice { padding: 0.6em 0.9em; border-radius: 6px; background: var(--ow-at-risk-ground); color: var(--ow-at-risk); }
.ow-notice + .ow-notice { margin-block-start: 0.5em; }
.ow-notice.ow-stale { background: var(--ow-failing-ground); color: var(--ow-failing); }
.ow-card { background: var(--ow-ground); border: 1px solid var(--ow-line); border-inline-start: 4px solid var(--ow-tone); border-radius: 8px; padding: 0.8em 1em; }
.ow-card-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.1em 0.6em; }
.ow-card h3 { font-size: 1.13em; }
.ow-since { color: var(--ow-quiet); font-size: 0.87em; margin-inline-start: auto; }
.ow-since b { color: var(--ow-text); }
.ow-card > .ow-cause { margin-block: 0.25em; font-weight: 650; color: var(--ow-tone); }
.ow-card > p + .ow-first { margin-block-start: 0.4em; }
.ow-distribution > :is(h3, h4), .ow-account { font-size: 1em; }
.ow-names { color: var(--ow-quiet); font-size: 0.87em; }
.ow table { inline-size: 100%; border-collapse: collapse; table-layout: fixed; margin-block-start: 0.35em; background: none; }
.ow tr, .ow thead th { background: none; border: 0; padding: 0; position: relative; }
.ow-state { inline-size: 9.5em; }
.ow-end { inline-size: 8.5em; }
.ow td, .ow tbody th { padding: 0.5em 0.75em 0.5em 0; border: 0; border-block-start: 1px solid var(--ow-line); text-align: start; vertical-align: top; background: none; color: inherit; }
.ow td:last-child { padding-inline-end: 0; text-align: end; color: var(--ow-quiet); font-size: 0.87em; }
.ow tbody .ow-cause, .ow-paths, .ow-age { display: block; font-weight: 400; }
.ow-paths, .ow-age { color: var(--ow-quiet); font-size: 0.87em; }
.ow-age { margin-block-start: 0.15em; }
.ow summary { cursor: pointer; color: var(--ow-link); inline-size: fit-content; max-inline-size: 100%; }
.ow-expiries { list-style: none; }
.ow-muted { padding-inline-start: 1.2em; display: grid; gap: 0.3em; }
.ow-detail { display: grid; gap: 1.1em; margin-block-start: 0.8em; min-inline-size: 0; }
.ow-detail > section { display: grid; gap: 0.5em; min-inline-size: 0; }
.ow-detail h4 { font-size: 1em; }
.ow-detail h5:not(:first-child) { margin-block-start: 0.3em; }
.ow-detail h5 { font-size: 0.93em; }
.ow-facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.15em 1em; font-size: 0.93em; }
.ow-facts dt { color: var(--ow-quiet); }
.ow-steps { padding-inline-start: 1.4em; display: grid; gap: 0.3em; }
.ow-users { list-style: none; display: grid; gap: 0.5em; }
.ow-command { padding: 0.7em 0.9em; border-radius: 6px; background: var(--ow-sunken); border: 1px solid var(--ow-line); white-space: pre-wrap; user-select: all; }
.ow-command span { display: inline-block; max-inline-size: 100%; }
.ow-address { display: grid; gap: 0.3em; }
.ow-address + .ow-address { border-block-start: 1px solid var(--ow-line); padding-block-start: 0.5em; }
.ow-chain { padding-inline-start: 1.2em; display: grid; gap: 0.5em; }
`;

/** What changes where there is little width; it stands inside a rule for the element with the class `ow`. */
export const narrowStyle = `
.ow-card { padding: 0.7em 0.8em; }
.ow-card h3 { order: 1; flex-basis: 100%; }
.ow-since span { display: none; }
.ow-facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
.ow-facts dd { margin-block-end: 0.4em; }
table, tbody { display: block; }
thead { position: absolute; }
tbody tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; border-block-start: 1px solid var(--ow-line); padding-block: 0.5em; }
tbody :is(td, th) { border: 0; padding: 0; }
tbody th { grid-row: 2; grid-column: 1 / -1; padding-block-start: 0.2em; }
td:first-child { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.6em; }
.ow-age { margin: 0; }
.ow-route { grid-template-columns: minmax(0, 1fr); border-block-start: 1px solid var(--ow-line); }
.ow-edge { display: none; }
`;
