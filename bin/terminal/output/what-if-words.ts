import type { ConfigurationChange } from "../../../lambda/configuration/what-if.ts";
import { counted } from "../../../lambda/text/phrase.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { coloured, verdictWord } from "./colour.ts";
import type { TouchedOrigins } from "./compare-plans.ts";
import type { Difference } from "./compare-verdicts.ts";
import { worstFindings } from "./listing.ts";

const headings: Readonly<Record<Difference["kind"], string>> = {
  breaks: "BREAKS",
  risks: "AT RISK",
  unclear: "UNKNOWN",
  heals: "FIXES",
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
  const head = `What if ${changeInWords(what)}? On ${counted(touched.size, "origin")} of ${counted(new Set(touched.values()).size, "distribution")}. Nothing is changed in AWS.`;
  const rest =
    stillFailing === 0
      ? "The others do not change."
      : `${stillFailing} already ${stillFailing === 1 ? "fails" : "fail"}; the others do not change.`;
  const totals = `${count("breaks")} would break, ${count("risks")} become at risk, ${count("heals")} be fixed, ${count("unclear")} unknown. ${rest}`;
  return [head, "", ...found.map(block), totals, ""].join("\n");
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
  onlyWhere,
  before,
  after,
  record,
}: Difference): string {
  const { serverName } = record.connection;
  const place = `${name}:${port}${serverName === null || serverName === name ? "" : ` as ${serverName}`}`;
  const who = distributionId === "-" ? "" : `, ${distributionId}`;
  const paths = pathPatterns.length === 0 ? "" : ` for ${pathPatterns.slice(0, 5).join(", ")}`;
  const on = aliases.length === 0 ? "" : ` on ${aliases.slice(0, 3).join(", ")}`;
  const where = onlyWhere === undefined ? "" : `, only where ${onlyWhere.join(" or ")}`;
  return [
    `${coloured(headings[kind].padEnd(12), styles[kind])}${printable(`${place}${who}${paths}${on}${where}`, 400)}`,
    `  ${verdictWord(before)} now, ${verdictWord(after)} after the change`,
    ...worstFindings(record)
      .filter(({ effect }) => effect !== "note")
      .slice(0, 5)
      .map((finding) => `  ${finding.code}: ${printable(finding.title, 300)}`),
    ...(kind === "heals" || record.reproduce === null ? [] : [`  verify: ${printable(record.reproduce, 2_000)}`]),
    "",
  ].join("\n");
}
