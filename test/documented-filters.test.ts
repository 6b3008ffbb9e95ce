import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { letsThrough, readFilterPolicy } from "./sandbox/aws/filter-policy.ts";

// The filters of the pages, as they stand there, against every message of the golden files, whose attributes are those
// that are published.

type Attributes = Readonly<Record<string, string | readonly string[]>>;
type Sent = { readonly situation: string; readonly attributes: Attributes; readonly data: unknown };

const folder = join(import.meta.dirname, "tell", "golden");
const sent: readonly Sent[] = readdirSync(folder).flatMap((file) =>
  readFileSync(join(folder, file), "utf8")
    .split(/^={8} message \d+: e-mail ={8}$/m)
    .slice(1)
    .map((message) => ({
      situation: file.replace(".txt", ""),
      attributes: attributesIn(section(message, "attributes")),
      data: JSON.parse(section(message, "sqs, lambda, http")),
    })),
);

function section(message: string, name: string): string {
  return message.split(`-------- ${name} --------\n`)[1]?.split(/\n\n-{8} /)[0] ?? "";
}

function attributesIn(text: string): Attributes {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.split(/: (.*)/s));
  return Object.fromEntries(
    lines.map(([name = "", value = ""]) => [name, value.startsWith("[") ? (JSON.parse(value) as string[]) : value]),
  );
}

/** Policies and patterns of a page: each on a line of its own. */
function documented(page: string, begins: string): readonly Readonly<Record<string, unknown>>[] {
  const text = readFileSync(join(import.meta.dirname, "..", "docs", page), "utf8");
  return [...text.matchAll(/^ *(\{"\w.*\})$/gm)].flatMap(([, json = ""]) =>
    json.startsWith(begins) ? [JSON.parse(json) as Record<string, unknown>] : [],
  );
}

/** Whether a subscription with a filter policy on attributes gets a message. */
function passesPolicy(policy: Readonly<Record<string, unknown>>, attributes: Attributes): boolean {
  const published = Object.entries(attributes).map(([name, value]) => [
    name,
    typeof value === "string"
      ? { dataType: "String", value }
      : { dataType: "String.Array", value: JSON.stringify(value) },
  ]);
  return letsThrough(readFilterPolicy(JSON.stringify(policy)), Object.fromEntries(published));
}

/**
 * Whether a rule matches an event, as far as the pages use patterns: every field must, by one of its values
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html).
 */
function matchesPattern(pattern: unknown, event: unknown): boolean {
  if (isTexts(pattern)) return typeof event === "string" && pattern.includes(event);
  if (typeof pattern !== "object" || pattern === null || typeof event !== "object" || event === null) return false;
  return Object.entries(pattern).every(([key, inner]) => matchesPattern(inner, Reflect.get(event, key)));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

const beginsToFail = ["one-origin", "storm", "worsened", "three-accounts"];
const nothingNew = ["reminder", "fixed", "at-risk", "weekly", "not-checked", "closed", "inventory-failed"];

function situations(of: readonly Sent[]): ReadonlySet<string> {
  return new Set(of.map(({ situation }) => situation));
}

describe("a documented filter", () => {
  it("for a pager lets through what begins to fail, and nothing else", () => {
    const [policy, another] = documented("alerts.md", '{"severity"');
    if (policy === undefined) throw new Error("docs/alerts.md has no filter");
    expect(another).toBeUndefined();
    const passed = situations(sent.filter(({ attributes }) => passesPolicy(policy, attributes)));
    expect([...passed]).toEqual(expect.arrayContaining(beginsToFail));
    for (const situation of nothingNew) expect([situation, passed.has(situation)]).toEqual([situation, false]);
  });

  it("for a team lets through what is critical in its account, also where others are concerned, and nothing of others", () => {
    const [policy, another] = documented("paging.md", '{"severity"');
    if (policy === undefined) throw new Error("docs/paging.md has no filter");
    expect(another).toBeUndefined();
    const of = (account: string) => {
      const own = { ...policy, accountIds: (policy.accountIds as string[]).map(() => account) };
      return situations(sent.filter(({ attributes }) => passesPolicy(own, attributes)));
    };
    expect([...of("444455556666")]).toEqual(["three-accounts"]);
    expect([...of("999999999999")]).toEqual([]);
    expect([...of("111122223333")]).toEqual(expect.arrayContaining(["one-origin", "three-accounts", "reminder"]));
    expect(of("111122223333").has("at-risk")).toBe(false);
  });

  it("for a team lets through all that concerns its account, also where others are concerned, and nothing of others", () => {
    const [policy, critical, another] = documented("accounts.md", '{"accountIds"');
    if (policy === undefined || critical === undefined) throw new Error("docs/accounts.md has no filters");
    expect(another).toBeUndefined();
    const urgent = { ...critical, accountIds: ["111122223333"] };
    const ofUrgent = situations(sent.filter(({ attributes }) => passesPolicy(urgent, attributes)));
    expect([...ofUrgent]).toEqual(expect.arrayContaining(["one-origin", "three-accounts", "reminder"]));
    expect(ofUrgent.has("at-risk")).toBe(false);
    const passed = sent.filter(({ attributes }) => passesPolicy(policy, attributes));
    expect([...situations(passed)]).toEqual(["three-accounts"]);
    expect([
      ...situations(sent.filter(({ attributes }) => passesPolicy({ accountIds: ["999999999999"] }, attributes))),
    ]).toEqual([]);
    const own = situations(sent.filter(({ attributes }) => passesPolicy({ accountIds: ["111122223333"] }, attributes)));
    for (const situation of ["one-origin", "at-risk", "reminder", "fixed", "three-accounts"])
      expect([...own]).toContain(situation);
  });

  it.each(["alerts.md", "paging.md"])("for a rule on the bus, in %s, matches the same", (page) => {
    const [pattern, another] = documented(page, '{"source": ["origin-watch"]');
    expect([pattern === undefined, another]).toEqual([false, undefined]);
    const event = (detail: unknown) => ({ source: "origin-watch", "detail-type": "Origin Watch Notice", detail });
    const matched = situations(sent.filter(({ data }) => matchesPattern(pattern, event(data))));
    const [policy = {}] = documented("alerts.md", '{"severity"');
    expect(matched).toEqual(situations(sent.filter(({ attributes }) => passesPolicy(policy, attributes))));
    expect(matched.size).toBeGreaterThan(beginsToFail.length);
  });
});
