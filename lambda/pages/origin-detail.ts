import { type Affected, failoverRemarks } from "../report/affected.ts";
import { countLine } from "../report/counted.ts";
import type { FittingRecord } from "../report/fitting-record.ts";
import { counted } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { consoleLink } from "./distribution-table.ts";
import { findingBlocks } from "./finding-blocks.ts";
import { html, type Markup } from "./markup.ts";
import { observedBlocks } from "./observed-blocks.ts";
import type { OriginView } from "./origin-view.ts";
import { fittingParts, time, words } from "./pieces.ts";

/**
 * Everything that is known of an origin: the cause, what to do first, what is affected, the command to verify it, what was
 * seen at each address. Bounded, whatever the origin sent.
 *
 * @param all the records of the run, which tell how secondary origins are
 */
export function originDetail(origin: OriginView, all: readonly FittingRecord[]): Markup {
  return html`
    <div class="ow-detail">
      ${openBlock(origin)}
      ${findingBlocks(origin)}
      ${commandBlock(origin)}
      ${usersBlock(origin, all)}
      ${countBlock(origin)}
      ${observedBlocks(origin)}
    </div>`;
}

function openBlock({ open }: OriginView): Markup | null {
  switch (open.kind) {
    case "not-kept":
    case "nothing":
    case "new":
      return null;
    case "since":
      return html`<p>Open since ${time(Date.parse(open.openedAt))}.</p>`;
    case "unseen": {
      const doubt = "It was not seen this time. That is not enough to report it as fixed.";
      return html`<p>Open since ${time(Date.parse(open.openedAt))}: ${words(open.codes, 5)}. ${doubt}</p>`;
    }
  }
}

function commandBlock({ records }: OriginView): Markup | null {
  const command = records.find(({ reproduce }) => reproduce !== null)?.reproduce ?? null;
  if (command === null) return null;
  // A line may break between words only: an option that is torn at its hyphen reads like another.
  const parts = printable(command, 2_000)
    .split(/( +)/)
    .map((part) => (part.startsWith(" ") ? html`${part}` : html`<span>${part}</span>`));
  return html`<section><h4>Verify</h4><pre class="ow-command"><code>${parts}</code></pre></section>`;
}

function usersBlock({ affected, verdict, records }: OriginView, all: readonly FittingRecord[]): Markup | null {
  if (affected.length === 0) return null;
  const isAffected = verdict === "failing" || verdict === "at-risk";
  const users = fittingParts(
    affected.map(userEntry),
    30_000,
    (count) => html`<li>and ${counted(count, "more distribution")}</li>`,
  );
  const remarks = failoverRemarks(affected, all).map((remark) => html`<p>${remark}</p>`);
  const left = records.reduce((sum, record) => sum + (record.leftOut?.uses ?? 0), 0);
  return html`
    <section>
      <h4>${isAffected ? "Affected" : "Used by"}</h4>
      <ul class="ow-users">${users}</ul>
      ${remarks}
      ${left === 0 ? null : html`<p>${counted(left, "more use")} of this origin had no room on the board.</p>`}
    </section>`;
}

/** Distributions whose count is shown. */
const mostCounts = 5;

/** What CloudFront counted for the distributions, where the board has it; it names no origin and no cause. */
function countBlock({ records }: OriginView): Markup | null {
  const all = new Map(
    records.flatMap(({ witness }) => (witness?.traffic ?? []).map((each) => [each.distributionId, each] as const)),
  );
  if (all.size === 0) return null;
  const lines = [...all.values()]
    .toSorted((a, b) => b.errors - a.errors)
    .slice(0, mostCounts)
    .map((current) => {
      const line = countLine(printable(current.distributionId, 64), { kind: "counted", current, previous: null });
      return html`<p>${line}</p>`;
    });
  return html`<section><h4>CloudFront's count</h4>${lines}</section>`;
}

function userEntry(entry: Affected): Markup {
  const facts = [
    ...entry.groups.map(({ id, role }) => `${role} origin of group ${printable(id, 128)}`),
    ...(entry.isDefault ? ["the default behavior among them"] : []),
    ...(entry.staging ? ["staging"] : []),
    ...(entry.tenants === null ? [] : [counted(entry.tenants, "tenant")]),
    ...(entry.onlyOverHttp ? ["viewers over HTTP only"] : []),
  ];
  const paths = entry.pathPatterns.length === 0 ? html`requests that use it` : words(entry.pathPatterns, 20);
  const names = entry.names.length === 0 ? null : html`on ${words(entry.names, 20)}`;
  return html`
    <li>
      <b>${consoleLink(entry)}</b> ${entry.comment}
      <br>${paths} ${names}
      ${facts.length === 0 ? null : html`<br><span class="ow-quiet">${facts.join(", ")}</span>`}
    </li>`;
}
