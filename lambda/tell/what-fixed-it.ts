import { ruleOf } from "../judge/catalogue.ts";
import type { WatchedOrigin } from "../report/origins.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import { counted } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { healthyFacts } from "./healthy-facts.ts";
import type { EndedOrigin } from "./summary.ts";

/** What was seen now in place of what is over, in sentences. */
export type Fixed = {
  /** A new certificate, a longer chain, an answer; null where that cannot be told. */
  readonly changed: string | null;
  /** What is in order now. */
  readonly seenNow: readonly string[];
};

export function whatFixedIt(ended: EndedOrigin["ended"], watched: WatchedOrigin | null, report: RunReport): Fixed {
  const keys = new Set(ended.map(({ key }) => key));
  const same = watched?.records.find(({ connection }) => keys.has(connection.key));
  // The connection may be another one by now, after a change of the configuration.
  const record = same ?? watched?.records.find(({ verdict }) => verdict === "healthy" || verdict === "skipped");
  if (record === undefined) return { changed: null, seenNow: [] };
  const seenNow = healthyFacts(record, report.finishedAt).map((line) => `Checked and OK at ${line}`);
  return { changed: same === undefined ? null : whatChanged(ended, same), seenNow };
}

/** Certificates are compared on one connection: under another server name there may always have been another one. */
function whatChanged(ended: EndedOrigin["ended"], { connection, observed }: ConnectionRecord): string | null {
  const seen = observed.addresses.find(({ chain }) => chain.length > 0);
  const leaf = seen?.chain[0];
  const own = ended.filter(({ key }) => key === connection.key);
  const before = own.flatMap((finding) => finding.leaf ?? [])[0];
  if (before === undefined) {
    const unanswered = own.some(({ code }) => ruleOf(code)?.about === "reachability");
    return unanswered ? "What changed: the origin answers again." : null;
  }
  if (seen === undefined || leaf === undefined) return null;
  if (before.sha256 !== leaf.sha256) {
    return `What changed: a new certificate, valid until ${day(leaf.notAfter)} (before: ${day(before.notAfter)}).`;
  }
  if (before.chainLength === seen.chain.length) return null;
  return `What changed: the origin sends ${counted(seen.chain.length, "certificate")} (before: ${before.chainLength}). The leaf certificate is the same.`;
}

function day(time: string): string {
  return printable(time, 40).slice(0, 10);
}
