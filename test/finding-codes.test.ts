import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { rules } from "../lambda/judge/catalogue.ts";

/**
 * What a finding means is said by its rule and nowhere else. Whoever sorts findings by their codes, or by parts of them,
 * knows nothing of the rule that somebody adds next, and no compiler tells.
 */

const root = join(import.meta.dirname, "..");
const codes = rules.map(({ code }) => code as string);

/** Names that other unions share with codes: not of findings, but of what the plan or a run says. */
const others: Readonly<Record<string, readonly string[]>> = {
  // Says of a run that it did not reach everything.
  "bin/action/conclusion.ts": ["out-of-time"],
  // Why the plan leaves a connection untried; a rule makes a finding of each.
  "lambda/plan/connection.ts": [
    "origin-unused",
    "s3-website-over-https",
    "vpc-origin",
    "tenant-parameters-unresolved",
    "policy-unresolved",
    "viewer-host-unknown",
    "template-value-unresolved",
    "origin-invalid",
  ],
  "lambda/plan/branches.ts": ["policy-unresolved", "template-value-unresolved", "viewer-host-unknown"],
  "lambda/plan/connection-key.ts": ["vpc-origin"],
  "bin/terminal/commands/explain.ts": ["vpc-origin"],
  "lambda/plan/merge-connections.ts": ["policy-unresolved", "template-value-unresolved", "viewer-host-unknown"],
  "lambda/plan/plan-origin.ts": [
    "origin-unused",
    "vpc-origin",
    "s3-website-over-https",
    "policy-unresolved",
    "viewer-host-unknown",
    "tenant-parameters-unresolved",
    "template-value-unresolved",
    "origin-invalid",
  ],
  // Why a connection was skipped.
  "lambda/board/board-format.ts": ["origin-unused"],
  "lambda/pages/words.ts": ["origin-unused"],
  "lambda/tell/ended-origin.ts": ["origin-unused"],
  // A problem of a run.
  "lambda/run.ts": ["out-of-time"],
  "lambda/report/record.ts": ["out-of-time"],
  "lambda/incidents/compare.ts": ["out-of-time"],
  "lambda/incidents/step.ts": ["out-of-time"],
  "lambda/tell/problem-sections.ts": ["out-of-time"],
  "lambda/tell/problems.ts": ["out-of-time"],
};

/** Patterns that match some codes and are not about codes. */
const otherPatterns: Readonly<Record<string, readonly string[]>> = {
  // An effect of a later version.
  "lambda/incidents/state-format.ts": ["/^[a-z0-9-]{1,20}$/"],
  // The words and numbers of JSON.
  "lambda/configuration/json-reader.ts": ["/true|false|null|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][-+]?\\d+)?/y"],
  // A field of a schedule.
  "lambda/contract/cron.ts": ["/^(\\*|\\w+)(?:-(\\w+))?(?:\\/(\\d+))?$/"],
  // The name of an application protocol, in a batch.
  "lambda/observe/batch-event.ts": ["/^[a-z0-9./-]{1,16}$/"],
  // A nonce.
  "lambda/pages/mute-call.ts": ["/^[A-Za-z0-9_-]{22}$/"],
};

/** Files that ask for one rule by its name, which the compiler follows. */
const importers: Readonly<Record<string, readonly string[]>> = {
  // Counts the connections for which there was no time.
  "lambda/run.ts": ["out-of-time"],
  // Since when an origin gives no answer.
  "lambda/memory/origin-days.ts": ["connection-timed-out"],
  // What the next run begins with, and what it asks once and last.
  "lambda/memory/remember.ts": ["connection-timed-out", "handshake-timed-out", "out-of-time"],
  // Waits while one sentence says why no origin answers.
  "lambda/incidents/compare.ts": ["origin-went-dark"],
  // Judges on what people are told of already.
  "lambda/incidents/origin-histories.ts": ["origin-went-dark"],
  // Our own fault, which is told as a problem of ours.
  "lambda/incidents/not-checked.ts": ["probe-failed"],
  // What CloudFront's own answers add to what was found.
  "lambda/weighing/weigh-edge.ts": ["cloudfront-answers-error", "seen-through-cloudfront"],
  // Lists all rules by what they look at; these two look at something of their own.
  "bin/terminal/explain/rules.ts": ["certificate-unreadable", "some-addresses-failing"],
};

const files = ["bin", "lambda"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !path.startsWith("lambda/judge/")),
);

/** Texts in quotes that are a code, or that begin or end one as `no-shared-` and `-expiring` do. */
function codesNamed(source: string): readonly string[] {
  const texts = [...source.matchAll(/["'`]([a-z0-9-]+)["'`]/g)].map(([, text = ""]) => text);
  return texts.filter(
    (text) =>
      codes.includes(text) ||
      (text.length > 1 && text.endsWith("-") && codes.some((code) => code.startsWith(text))) ||
      (text.length > 1 && text.startsWith("-") && codes.some((code) => code.endsWith(text))),
  );
}

/** Patterns that match some of the codes and not others. */
function patternsOfCodes(source: string): readonly string[] {
  const literal = /(?<=[(=,:!&|?[]\s*|return\s)\/(?![/*])((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuy]*)/g;
  return [...source.matchAll(literal)]
    .map(([whole, body = "", flags = ""]) => ({ whole, pattern: new RegExp(body, flags.replace(/[gy]/g, "")) }))
    .filter(({ pattern }) => codes.some((code) => pattern.test(code)) && !codes.every((code) => pattern.test(code)))
    .map(({ whole }) => whole);
}

/** Code that takes a code apart; those of Node, which begin with ERR_, are no findings. */
function dissections(source: string): readonly string[] {
  const cut =
    /\bcode\)?\??\.(?:startsWith|endsWith|includes|indexOf|match|search|slice|split)\((?!"ERR_)|\.(?:test|exec)\([^)]*\bcode\)/g;
  return [...source.matchAll(cut)].map(([whole]) => whole);
}

function rulesImported(source: string): readonly string[] {
  return [...source.matchAll(/from "[^"]*judge\/findings\/([\w-]+)\.ts"/g)].map(([, file = ""]) => file);
}

describe("outside lambda/judge", () => {
  const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));

  it.each([
    ["codes", codesNamed, others],
    ["patterns", patternsOfCodes, otherPatterns],
    ["parts", dissections, {} as typeof others],
    ["imports", rulesImported, importers],
  ] as const)("nobody sorts findings by %s", (_, find, allowed) => {
    const found = [...sources].flatMap(([file, source]) => {
      const named = [...new Set(find(source))].toSorted();
      return named.length === 0 ? [] : [[file, named] as const];
    });
    const expected = Object.entries(allowed).map(([file, names]) => [file, names.toSorted()] as const);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  it("would be seen", () => {
    expect(codesNamed('code === "connection-reset" || code.endsWith("-expiring")')).toHaveLength(2);
    expect(codesNamed('code.startsWith("no-shared-")')).toHaveLength(1);
    expect(patternsOfCodes("const chain = /^(chain|intermediate)/;")).toHaveLength(1);
    expect(patternsOfCodes("if (/^(dns|connection)-/.test(code)) return /[a-z]/;")).toHaveLength(1);
    expect(dissections("reasons.some(({ code }) => code.includes(part) || pattern.test(code))")).toHaveLength(2);
    expect(rulesImported('import { outOfTime } from "./judge/findings/out-of-time.ts";')).toEqual(["out-of-time"]);
  });
});
