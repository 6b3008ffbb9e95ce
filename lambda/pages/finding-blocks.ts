import type { Cause } from "../report/causes.ts";
import { effectWords } from "../report/effect-words.ts";
import { factsOf } from "../report/evidence.ts";
import { seenFromWords } from "../report/seen-from.ts";
import { asClause, counted, enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { html, link, type Markup } from "./markup.ts";
import type { OriginView } from "./origin-view.ts";
import { factList, fittingParts, prose } from "./pieces.ts";

/** The cause, what to do first and the evidence: a block for each finding, the worst first. */
export function findingBlocks({ causes, records }: OriginView): Markup | null {
  const blocks = causes.map((cause, index) => {
    const number = causes.length > 1 ? ` (${index + 1} of ${causes.length})` : "";
    return findingBlock(cause, number, records.length > 1);
  });
  return fittingParts(blocks, 60_000, (count) => html`<p>${counted(count, "more finding")} in the log.</p>`);
}

function findingBlock(
  { finding, occurrences, addresses, serverNames }: Cause,
  number: string,
  severalConnections: boolean,
): Markup {
  const { facts, more } = factsOf(finding.evidence);
  const evidence = factList([
    ...facts.slice(0, 10).map(({ label, value }) => [label, value] as const),
    ["", more > 0 ? `and ${more} more facts in the log` : null],
    ["Seen from", seenFromWords(occurrences)],
    ["Address", enumerated(addresses, 10)],
    ["Server name (SNI)", severalConnections ? enumerated(serverNames, 10) : null],
    ["Finding", html`<code>${printable(finding.code, 60)}</code>, ${effectWords(finding)}`],
    ["Source", link(finding.source, printable(finding.source, 300))],
  ]);
  return html`
    <section>
      <h4>Cause${number}: ${asClause(finding.title)}</h4>
      <p>${prose(finding.explanation, 1_000)}</p>
      ${remedy(finding.remedy)}
      <h5>Evidence</h5>
      ${evidence}
    </section>`;
}

function remedy(steps: readonly string[]): Markup | null {
  if (steps.length === 0) return null;
  const items = steps.slice(0, 8).map((step) => html`<li>${prose(step, 500)}</li>`);
  return html`<h5>Do first</h5><ol class="ow-steps">${items}</ol>`;
}
