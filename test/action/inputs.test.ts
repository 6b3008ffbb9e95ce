import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { conclusionOf } from "../../bin/action/conclusion.ts";
import { type FailOn, readInputs } from "../../bin/action/inputs.ts";
import { outputs } from "../../bin/action/outputs.ts";
import type { Verdict } from "../../lambda/judge/finding.ts";
import { connectionRecord, finding } from "../tell/records.ts";
import { outputsIn } from "../terminal/output/github-runner.ts";

type Described = Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
const action = load(readFileSync(join(import.meta.dirname, "..", "..", "action.yml"), "utf8")) as {
  readonly inputs: Described;
  readonly outputs: Described;
  readonly runs: { readonly using: string; readonly main: string };
};

/** As the runner does: what is not given has its default. */
function environment(given: Readonly<Record<string, string>>): Record<string, string> {
  const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default ?? ""] as const);
  const all = Object.entries({ ...Object.fromEntries(defaults), ...given });
  return Object.fromEntries(all.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
}

const template = { source: "template", path: "cdk.out" };
const nothingSeen = conclusionOf({ records: [], problems: [] }, { failOn: "failing", allowUnread: false });
const noFiles = { "sarif-file": "", "junit-file": "", "report-file": "" };

describe("the inputs", () => {
  it("are those that action.yml describes, and no other is read", () => {
    const read = new Set<string>();
    const watched = new Proxy(environment(template), {
      get: (target, name) => {
        read.add(String(name));
        return Reflect.get(target, name);
      },
    });
    readInputs(watched);
    expect([...read].toSorted()).toEqual(Object.keys(environment({})).toSorted());
  });

  it("become the command line of check, in which a path and a value are never an option", () => {
    expect(readInputs(environment(template))).toEqual({
      kind: "inputs",
      inputs: {
        argv: ["template", "--github", "--", "cdk.out"],
        files: noFiles,
        failOn: "failing",
        allowUnread: false,
        mostConnections: 2_000,
        timeLimitMs: 600_000,
      },
    });
    const hostile = { ...template, path: "--allow-private", policies: "--allow-private", parameters: "A=1\n  --x\n\n" };
    expect(readInputs(environment(hostile))).toMatchObject({
      inputs: {
        argv: [
          "template",
          "--github",
          "--policies=--allow-private",
          "--parameter=A=1",
          "--parameter=--x",
          "--",
          "--allow-private",
        ],
      },
    });
    const given = {
      source: "account",
      "allow-private": "TRUE",
      "dns-servers": "10.0.0.2\n10.0.0.3",
      "sarif-file": "a.sarif",
    };
    expect(readInputs(environment(given))).toMatchObject({
      inputs: {
        argv: [
          "account",
          "--github",
          "--allow-private",
          "--dns-server=10.0.0.2",
          "--dns-server=10.0.0.3",
          "--sarif=a.sarif",
        ],
      },
    });
  });

  it.each([
    [{ source: "" }, 'source: expected template, terraform or account, got ""'],
    [{ source: '"; touch x #' }, 'source: expected template, terraform or account, got ""; touch x #"'],
    [{ path: "" }, 'path: expected a file or a folder, got ""'],
    [{ path: "-" }, 'path: expected a file or a folder, got "-"'],
    [{ source: "account" }, 'path: expected none with the source account, got "cdk.out"'],
    [{ "fail-on": "error" }, 'fail-on: expected failing, at-risk, unknown or never, got "error"'],
    [{ "allow-unread": "yes" }, 'allow-unread: expected true or false, got "yes"'],
    [{ "allow-private": "1" }, 'allow-private: expected true or false, got "1"'],
    [{ "max-connections": "1e5" }, 'max-connections: expected a whole number from 1 to 50000, got "1e5"'],
    [{ "time-limit": "0" }, 'time-limit: expected a whole number from 1 to 360, got "0"'],
    [{ "sarif-file": "../x" }, 'sarif-file: expected a path in the workspace, from its root, got "../x"'],
    [{ "junit-file": "/tmp/x" }, 'junit-file: expected a path in the workspace, from its root, got "/tmp/x"'],
    [
      { "report-file": "x\nverdict=healthy" },
      'report-file: expected a path in the workspace, from its root, got "x\\u{a}verdict=healthy"',
    ],
  ])("refuse %j", (given, message) => {
    expect(readInputs(environment({ ...template, ...given }))).toEqual({ kind: "invalid", messages: [message] });
  });
});

describe("the outputs", () => {
  it("are those that action.yml describes", () => {
    expect(Object.keys(outputsIn(outputs(nothingSeen, noFiles))).toSorted()).toEqual(
      Object.keys(action.outputs).toSorted(),
    );
  });

  it("are read back as they were, whatever a path has in it", () => {
    const files = { ...noFiles, "sarif-file": "a<<b=c verdict=x.sarif" };
    expect(outputsIn(outputs(nothingSeen, files))).toMatchObject({ ...files, verdict: "skipped", unread: "0" });
  });
});

describe("the step", () => {
  const records = (...verdicts: readonly Verdict[]) =>
    verdicts.map((verdict, index) => connectionRecord(`a${index}.example.com`, { verdict, findings: [] }));
  const passes = (failOn: FailOn, ...verdicts: readonly Verdict[]) =>
    conclusionOf({ records: records(...verdicts), problems: [] }, { failOn, allowUnread: false }).reasons.length === 0;

  it.each([
    ["failing", ["at-risk", "unknown", "healthy", "skipped"]],
    ["at-risk", ["unknown", "healthy", "skipped"]],
    ["unknown", ["healthy", "skipped"]],
    ["never", ["failing", "at-risk", "unknown", "healthy", "skipped"]],
  ] as const)("with fail-on %s passes for %j alone", (failOn, passing) => {
    const all = ["failing", "at-risk", "unknown", "healthy", "skipped"] as const;
    expect(all.filter((verdict) => passes(failOn, verdict))).toEqual(passing);
  });

  it("says what is worst, how many there are, and why it fails", () => {
    const seen = { records: records("healthy", "failing", "failing", "at-risk"), problems: [] };
    expect(conclusionOf(seen, { failOn: "at-risk", allowUnread: false })).toEqual({
      verdict: "failing",
      counts: { failing: 2, "at-risk": 1, unknown: 0, healthy: 1, skipped: 0 },
      unread: 0,
      reasons: ["2 connections failing (fail-on is at-risk)", "1 connection at-risk (fail-on is at-risk)"],
    });
  });

  it("never passes where something was not read or not reached, unless it is allowed", () => {
    const outOfTime = connectionRecord("late.example.com", { verdict: "unknown", findings: [finding("out-of-time")] });
    const seen = { records: [...records("healthy"), outOfTime], problems: ["x was not read"] };
    const fails = conclusionOf(seen, { failOn: "never", allowUnread: false });
    expect(fails).toMatchObject({ verdict: "unknown", unread: 2 });
    expect(fails.reasons).toEqual(["2 parts of the input were not read or not checked (allow-unread is not set)"]);
    expect(conclusionOf(seen, { failOn: "failing", allowUnread: true })).toMatchObject({ unread: 2, reasons: [] });
    expect(conclusionOf({ records: null, problems: ["x"] }, { failOn: "never", allowUnread: true })).toMatchObject({
      verdict: "unread",
      unread: 1,
      reasons: [],
    });
  });
});
