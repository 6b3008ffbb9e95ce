import type { FittingRecord } from "../report/fitting-record.ts";
import type { ObservedAddress, ObservedCertificate } from "../report/record.ts";
import { placeName } from "../report/seen-from.ts";
import { instant } from "../text/instant.ts";
import { groupedBy, type NonEmpty } from "../text/non-empty.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { html, type Markup } from "./markup.ts";
import type { OriginView } from "./origin-view.ts";
import { factList, fittingParts, words } from "./pieces.ts";

/**
 * What was seen at each address, on each connection: protocol, suite, group, and the certificates as they were sent.
 * Addresses that answered alike, as those of a load balancer do, share a block.
 */
export function observedBlocks({ records }: OriginView): Markup | null {
  const seen = records.flatMap((record) =>
    record.observed.addresses.map(({ address, ms, seenFrom, ...alike }) => ({
      address,
      ms,
      // With one vantage there is nothing to tell apart.
      from: record.observed.vantages === undefined ? null : seenFrom,
      alike,
      as: serverName(record, records),
    })),
  );
  const groups = [...groupedBy(seen, ({ alike, as }) => JSON.stringify([alike, as])).values()];
  if (groups.length === 0) return null;
  const blocks = groups.map((group) => addressBlock(group));
  const shown = fittingParts(blocks, 60_000, (count) => html`<p>and ${count} more</p>`);
  return html`<section><h4>Seen at each address</h4>${shown}</section>`;
}

/** Null where there is nothing to be told apart by it. */
function serverName({ connection }: FittingRecord, all: readonly FittingRecord[]): string | null {
  return all.length > 1 ? connection.serverName : null;
}

type Seen = {
  readonly address: string;
  readonly ms: number;
  /** The vantage that saw it, where there are several. */
  readonly from: string | null;
  readonly alike: Omit<ObservedAddress, "address" | "ms" | "seenFrom">;
  readonly as: string | null;
};

function addressBlock(group: NonEmpty<Seen>): Markup {
  const [{ alike, as }] = group;
  const addresses = listed(group.map(({ address }) => printable(address, 60)));
  const places = listed(group.flatMap(({ from }) => (from === null ? [] : placeName(from))));
  const times = group.map(({ ms }) => Math.round(ms));
  const [fastest, slowest] = [Math.min(...times), Math.max(...times)];
  const chain = alike.chain.slice(0, 10).map((certificate, index) => certificateEntry(certificate, index === 0));
  const more = alike.chain.length - chain.length;
  const sent = html`<ol class="ow-chain">${chain}</ol>${more > 0 ? `and ${more} more` : null}`;
  const facts = factList([
    ["Checked from", places === "" ? null : places],
    ["Outcome", `${printable(alike.outcome, 200)}, ${fastest === slowest ? fastest : `${fastest} to ${slowest}`} ms`],
    ["TLS version", shortened(alike.protocol)],
    ["Cipher suite", shortened(alike.cipherSuite)],
    ["Key exchange group", shortened(alike.group)],
    ["Signature scheme", shortened(alike.signatureScheme)],
    ["Certificates, as sent", chain.length === 0 ? null : sent],
  ]);
  return html`
    <section class="ow-address">
      <h5>${addresses}${as === null ? null : `, server name (SNI) ${printable(as, 253)}`}</h5>
      ${facts}
    </section>`;
}

/** Each once, although several vantages may have met the same address. */
function listed(names: readonly string[]): string {
  return enumerated([...new Set(names)], 16);
}

/** The names that a certificate is for say something of the leaf only. */
function certificateEntry(certificate: ObservedCertificate, isLeaf: boolean): Markup {
  const { subject, issuer, notBefore, notAfter, sha256, names, key } = certificate;
  const [from, until] = [Date.parse(notBefore), Date.parse(notAfter)];
  const kind = key === "" ? "" : `${printable(key, 60)}, `;
  const digest = html`<br><span class="ow-quiet">SHA-256 <code>${printable(sha256, 64)}</code></span>`;
  return html`
    <li>
      <b>${printable(subject, 300)}</b>
      <br>issued by ${printable(issuer, 300)}
      ${Number.isNaN(until) ? null : html`<br>${kind}valid ${instant(from)} to ${instant(until)}`}
      ${!isLeaf || names.length === 0 ? null : html`<br>for ${words(names, 8)}`}
      ${sha256 === "" ? null : digest}
    </li>`;
}

function shortened(text: string | null): string | null {
  return text === null ? null : printable(text, 80);
}
