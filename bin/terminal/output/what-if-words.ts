import type { ConfigurationChange } from "../../../lambda/configuration/what-if.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { coloured } from "./colour.ts";
import type { TouchedOrigins } from "./compare-plans.ts";
import type { Difference } from "./compare-verdicts.ts";

const headings: Readonly<Record<Difference["kind"], string>> = {
  breaks: "BREAKS",
  risks: "AT RISK",
  unclear: "CANNOT TELL",
  heals: "HEALS",
};
const styles = { breaks: "red", risks: "yellow", unclear: "cyan", heals: "green" } as const;

/** What a change would do, for a person. */
export function comparison(
  found: readonly Difference[],
  stillFailing: number,
  what: ConfigurationChange,
  touched: TouchedOrigins,
): string {
  const count = (kind: Difference["kind"]) => found.filter((each) => each.kind === kind).length;
  const head = `What if ${changeInWords(what)}? On ${many(touched.size, "origin")} of ${many(new Set(touched.values()).size, "distribution")}. Nothing is changed in AWS.`;
  const still = stillFailing === 0 ? "" : `${stillFailing} ${stillFailing === 1 ? "fails" : "fail"} before and after, `;
  const totals = `${count("breaks")} break, ${count("risks")} at risk, ${count("heals")} heal, ${count("unclear")} cannot be told; ${still}the rest stays as it is.`;
  return [head, "", ...found.map(block), totals, ""].join("\n");
}

function many(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function changeInWords({
  protocols: listed,
  forwardHost,
  httpsOnly,
  domain: moved,
  origin,
}: ConfigurationChange): string {
  const parts = [
    ...(listed === null ? [] : [`OriginSslProtocols were ${listed.join(", ")}`]),
    ...(forwardHost === null ? [] : [`the viewer's Host were ${forwardHost ? "" : "not "}sent to the origin`]),
    ...(httpsOnly ? ["the origin protocol policy were https-only"] : []),
    ...(moved === null ? [] : [`the origin${origin === null ? "" : ` ${origin}`} moved to ${moved}`]),
  ];
  return parts.join(" and ");
}

function block({
  kind,
  distributionId,
  domain: name,
  port,
  pathPatterns,
  aliases,
  before,
  after,
  record,
}: Difference): string {
  const { serverName } = record.connection;
  const place = `${name}:${port}${serverName === null || serverName === name ? "" : ` as ${serverName}`}`;
  const who = distributionId === "-" ? "" : `, ${distributionId}`;
  const paths = pathPatterns.slice(0, 5).join(", ");
  const on = aliases.length === 0 ? "" : ` on ${aliases.slice(0, 3).join(", ")}`;
  return [
    `${coloured(headings[kind].padEnd(12), styles[kind])}${printable(`${place}${who} for ${paths}${on}`, 400)}`,
    `  now ${before}, then ${after}`,
    ...record.findings
      .filter(({ effect }) => effect !== "note")
      .slice(0, 5)
      .map((finding) => `  ${finding.code}: ${printable(finding.title, 300)}`),
    ...(kind === "heals" || record.reproduce === null ? [] : [`  see it: ${printable(record.reproduce, 2_000)}`]),
    "",
  ].join("\n");
}
