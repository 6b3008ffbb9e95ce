import { gzipSync } from "node:zlib";
import { sources } from "../../../lambda/cloudfront/sources.ts";
import { rules } from "../../../lambda/judge/catalogue.ts";
import type { Severity } from "../../../lambda/judge/effect.ts";
import { effectsOf } from "../../../lambda/judge/finding-of.ts";
import manifest from "../../../package.json" with { type: "json" };
import { type Result, unreadCode, weightOf } from "./results.ts";

/** GitHub takes no more results of a run. */
const mostResults = 25_000;
/** Nor more bytes when packed. */
const mostBytes = 10_000_000;
/** Characters of a message: it is shown beside a line. */
const longestMessage = 4_000;

const levels: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  critical: "error",
  warning: "warning",
  info: "note",
};

/**
 * The results in SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), as GitHub's code
 * scanning takes it
 * (https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning).
 *
 * @param category tells runs apart that one commit has several of
 */
export function sarif(results: readonly Result[], category: string): string {
  for (let most = mostResults; ; most = Math.floor(most / 2)) {
    const text = logOf(results.slice(0, most), category);
    if (most === 0 || text.length <= mostBytes || gzipSync(text).length <= mostBytes) return text;
  }
}

function logOf(results: readonly Result[], category: string): string {
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "Origin Watch", semanticVersion: manifest.version, rules: ruleEntries() } },
        automationDetails: { id: `origin-watch/${category}/` },
        columnKind: "utf16CodeUnits",
        results: results.map(entryOf),
      },
    ],
  };
  return `${JSON.stringify(log, null, 1)}\n`;
}

function ruleEntries() {
  const ofFindings = rules.map(({ code, effect, summary, source }) => ({
    id: code,
    shortDescription: { text: summary },
    fullDescription: { text: summary },
    help: { text: `${summary} ${source}`, markdown: `${summary} [AWS's documentation](${source})` },
    helpUri: source,
    defaultConfiguration: { level: levels[weightOf(effectsOf({ effect }).usually)] },
    properties: { tags: ["cloudfront", "availability"], precision: "high" },
  }));
  const summary = "A part of the input could not be read and was not checked.";
  const unread = {
    id: unreadCode,
    shortDescription: { text: summary },
    fullDescription: { text: summary },
    help: { text: summary, markdown: summary },
    helpUri: sources.originSettings,
    defaultConfiguration: { level: levels[weightOf("unread")] },
    properties: { tags: ["cloudfront"], precision: "high" },
  };
  return [...ofFindings, unread];
}

function entryOf(result: Result) {
  const { line, column, file } = result.place;
  const users = result.users.map((user) => `${user}.`);
  const steps = result.remedy.map((step) => `- ${step}`);
  const see = result.reproduce === null ? [] : [`See it: ${result.reproduce}`];
  const text = [`${result.title}.`, result.consequence, ...users, result.explanation, ...steps, ...see].join("\n");
  return {
    ruleId: result.code,
    level: levels[weightOf(result.effect)],
    message: { text: plainMessage(text.length > longestMessage ? `${text.slice(0, longestMessage - 3)}...` : text) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodedPath(file) },
          region: { startLine: line ?? 1, ...(column === null ? {} : { startColumn: column }) },
        },
      },
    ],
    partialFingerprints: { primaryLocationLineHash: `${result.fingerprint}:1` },
  };
}

/** In a plain message brackets make links and braces placeholders (§3.11.5, §3.11.6). */
export function plainMessage(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\\[\]]/g, "\\$&")
    .replaceAll(/[{}]/g, "$&$&");
}

/** A relative path as a URI reference: no piece of it is taken for a scheme, a query or a fragment (RFC 3986 §4.2). */
export function encodedPath(path: string): string {
  return path.toWellFormed().split("/").map(encodeURIComponent).join("/");
}
