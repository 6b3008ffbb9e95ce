import { appendFileSync } from "node:fs";
import type { Effect, Severity } from "../../../lambda/judge/effect.ts";
import { worstFirst } from "../../../lambda/judge/verdict.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { systemError } from "../system-error.ts";
import { warn } from "./output.ts";
import { type Result, weightOf } from "./results.ts";

/** GitHub shows the first ten of a kind of each step. */
const mostOfAKind = 10;
/** Of a summary; GitHub drops one of more than 1 MiB whole. */
const longestSummary = 1_000_000;

type Kind = "error" | "warning" | "notice";

const kinds: Readonly<Record<Severity, Kind>> = { critical: "error", warning: "warning", info: "notice" };

/**
 * The results as workflow commands, which GitHub shows beside the lines
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands), a line each. What changes
 * nothing for viewers is left out.
 */
export function annotations(results: readonly Result[]): string {
  const byKind = Map.groupBy(
    results.filter(({ effect }) => effect !== "note"),
    ({ effect }) => kinds[weightOf(effect)],
  );
  return [...byKind]
    .flatMap(([kind, some]) => {
      const shown = some.slice(0, some.length > mostOfAKind ? mostOfAKind - 1 : mostOfAKind);
      const more = some.length - shown.length;
      const rest = more === 0 ? [] : [command(kind, {}, `${more} more are in the summary of this job.`)];
      return [...shown.map((result) => annotation(kind, result)), ...rest];
    })
    .join("");
}

function annotation(kind: Kind, { title, consequence, users, remedy, place }: Result): string {
  const { file, line, column } = place;
  const steps = remedy.slice(0, 3).map((step) => `- ${step}`);
  return command(
    kind,
    {
      // A runner turns `%XX` back, and would not show what is invisible.
      file: printable(file, 500),
      line: String(line ?? 1),
      ...(column === null ? {} : { col: String(column) }),
      title: printable(title, 200),
    },
    [consequence, ...users.slice(0, 3), ...steps].map((part) => printable(part, 1_000)).join("\n"),
  );
}

/**
 * One command, which the runner obeys. It turns `%XX` back after it has split the line, and would not show what is
 * invisible: what comes from outside is `printable` already.
 */
export function command(kind: Kind, properties: Readonly<Record<string, string>>, message: string): string {
  const written = Object.entries(properties).map(([name, value]) => `${name}=${commandProperty(value)}`);
  return `::${kind}${written.length === 0 ? "" : " "}${written.join(",")}::${commandData(message)}\n`;
}

export function commandData(text: string): string {
  return text.toWellFormed().replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

export function commandProperty(text: string): string {
  return commandData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** Between these, a runner obeys nothing (`::stop-commands::`). @param token that nobody else can know */
export function fenced(text: string, token: string): string {
  return `::stop-commands::${token}\n${text}::${token}::\n`;
}

/** What would break, for whom, and what to do, in Markdown: a table, what breaks first. */
export function summary(results: readonly Result[], records: readonly ConnectionRecord[]): string {
  const counts = worstFirst.map((verdict) => {
    const count = records.filter((record) => record.verdict === verdict).length;
    return `${count} ${verdict}`;
  });
  const failing = results.some(({ effect }) => effect === "502" || effect === "504");
  const head = [
    `### ${failing ? "CloudFront would answer 502 or 504" : "Origin Watch"}`,
    "",
    counts.join(", "),
    "",
  ].join("\n");
  const wanted = results.filter(({ effect }) => effect !== "note");
  if (wanted.length === 0) return `${head}\n`;
  const rows = wanted.map(
    (result) =>
      `| ${labelOf(result.effect)} | ${inMarkdown(result.title, 400)} | ${inMarkdown(result.consequence, 600)} | ${inMarkdown(result.remedy[0] ?? "", 500)} | ${inMarkdown(placeText(result), 300)} |\n`,
  );
  const table = "| | What is wrong | For whom | What to do | Where |\n|---|---|---|---|---|\n";
  const shown: string[] = [];
  let length = head.length + table.length + 100;
  for (const row of rows) {
    length += row.length;
    if (length > longestSummary) break;
    shown.push(row);
  }
  const more = rows.length - shown.length;
  return `${head}\n${table}${shown.join("")}${more === 0 ? "" : `\nAnd ${more} more.\n`}\n`;
}

function labelOf(effect: Effect | "unread"): string {
  switch (effect) {
    case "502":
    case "504":
      return `**${effect}**`;
    case "may":
      return "at risk";
    case "unread":
      return "not read";
    case "unseen":
    case "note":
      return "unknown";
  }
}

function placeText({ place: { file, line } }: Result): string {
  return line === null ? file : `${file}, line ${line}`;
}

/** Text that Markdown takes for nothing but text, whatever is in it. */
export function inMarkdown(text: string, longest: number): string {
  // A point too: GitHub makes a link of what begins with `www.`, also between the tags.
  const plain = printable(text, longest).replaceAll(
    /[^A-Za-z0-9 ,/-]/gu,
    (character) => `&#${character.codePointAt(0)};`,
  );
  return plain === "" ? "" : `<code>${plain}</code>`;
}

/** Adds to the summary of the job, or warns that it cannot. */
export function showSummary(text: string): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  const failure =
    file === undefined || file === ""
      ? "GITHUB_STEP_SUMMARY names no file, so that no summary is written"
      : appendSummary(file, text);
  if (failure !== null) warn(`--github: ${failure}`);
}

/** Adds to what other steps have written; null, or why it could not. */
function appendSummary(file: string, text: string): string | null {
  try {
    appendFileSync(file, text);
    return null;
  } catch (error) {
    return `cannot write the summary: ${systemError(error)}`;
  }
}
