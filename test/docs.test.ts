import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CfnParameter, Stack } from "aws-cdk-lib/core";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wholeHelp } from "../bin/terminal/command.ts";
import { check } from "../bin/terminal/commands/check.ts";
import { mostTrafficAskings } from "../lambda/aws/traffic.ts";
import { rules } from "../lambda/judge/catalogue.ts";
import type { Effect } from "../lambda/judge/effect.ts";
import { effectsOf } from "../lambda/judge/finding-of.ts";
import { mostLoggedWhole } from "../lambda/memory/logged.ts";
import { mostDistributionsAsked } from "../lambda/observe/through-cloudfront.ts";
import type { RunProblem } from "../lambda/report/record.ts";
import { mostEdgeAskings } from "../lambda/witness/edge-askings.ts";
import { readConfig } from "../lib/config.ts";
import { memberTemplate } from "../lib/member-template.ts";
import { addParameters } from "../lib/one-file/parameters.ts";
import { objectOf } from "./lib/one-file/evaluate.ts";

const root = join(import.meta.dirname, "..");
const text = (path: string) => readFileSync(join(root, path), "utf8");

/** Codes of findings about distributions themselves, of which no rule says anything. */
const ofDistributions = ["viewers-get-errors"];

describe("docs/findings.md", () => {
  const labels = ["Meaning", "Effect", "Why CloudFront fails", "Fix", "Source"];
  const sections = new Map(
    text("docs/findings.md")
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split("\n")[0], section] as const)
      .filter(([code]) => code !== "Index"),
  );

  /** The text after each label, on one line. */
  function entry(code: string): Map<string, string> {
    const parts = (sections.get(code) ?? "").split(/^- \*\*/m).slice(1);
    return new Map(
      parts.map((part) => {
        const [label = "", ...rest] = part.split(".** ");
        return [label, rest.join(".** ").replaceAll(/\s+/g, " ").trim()];
      }),
    );
  }

  it("describes every code that is reported, once, and no other", () => {
    const headings = [...text("docs/findings.md").matchAll(/^## (?!Index$)(.+)$/gm)].map(([, code = ""]) => code);
    expect(headings.toSorted()).toEqual([...rules.map(({ code }) => code), ...ofDistributions].toSorted());
  });

  it.each(rules)("says of $code what it means, its effect, why, how to fix it and where it is from", (rule) => {
    const found = entry(rule.code);
    expect([...found.keys()]).toEqual(labels);
    for (const label of labels) expect(found.get(label)).toMatch(/\S{3}/);
    const { usually } = effectsOf(rule);
    expect(found.get("Effect")).toMatch(new RegExp(`^\`${usually}\`${verdictWords[usually]}`));
    expect(found.get("Why CloudFront fails")).toMatch(
      /^(AWS documents|AWS's pages disagree|Inferred|Nothing follows for CloudFront)\b/,
    );
    expect(found.get("Source")).toBe(`<${rule.source}>`);
  });

  it.each(ofDistributions)("says of %s, which is no finding of a connection, the same", (code) => {
    const found = entry(code);
    expect([...found.keys()]).toEqual(labels);
    expect(found.get("Source")).toMatch(/^<https:\/\/docs\.aws\.amazon\.com\/\S+>$/);
    expect(text("docs/findings.md")).toContain(`\n| [${code}](#${code}) | `);
  });

  it.each(rules)("lists $code in the index with its effect and summary", (rule) => {
    const { code, summary } = rule;
    const row = `| [${code}](#${code}) | \`${effectsOf(rule).usually}\` | ${summary} |`;
    expect(
      text("docs/findings.md")
        .split("\n")
        .filter((line) => line === row),
    ).toHaveLength(1);
  });
});

/** How an effect goes on in the list: the verdict that it leads to. */
const verdictWords: Readonly<Record<Effect, string>> = {
  "502": " \\(failing\\)",
  "504": " \\(failing\\)",
  may: " \\(at-risk\\)",
  unseen: " \\(unknown\\)",
  note: ";",
};

describe("lambda/judge/findings", () => {
  const folder = join(root, "lambda", "judge", "findings");

  it.each(readdirSync(folder))("%s holds one rule, named after its code and listed in the catalogue", async (file) => {
    const exported: Record<string, unknown> = await import(join(folder, file));
    const found = Object.values(exported).filter(
      (value): value is (typeof rules)[number] => typeof value === "object" && value !== null && "code" in value,
    );
    expect(found.map(({ code }) => `${code}.ts`)).toEqual([file]);
    expect(rules).toContain(found[0]);
  });

  it("uses no code twice", () => {
    expect(new Set(rules.map(({ code }) => code)).size).toBe(rules.length);
  });
});

describe("links", () => {
  const inDocs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  const documents = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", ...inDocs].map((name) =>
    existsSync(join(root, name)) ? name : `docs/${name}`,
  );

  /** Anchors as GitHub makes them from headings. */
  function anchorsOf(path: string): string[] {
    const headings = [...withoutCode(text(path)).matchAll(/^#+ (.+)$/gm)];
    return headings.map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
  }

  it.each(documents)("in %s lead to files and headings that exist", (path) => {
    const links = [...withoutCode(text(path)).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, link = ""]) => link);
    for (const link of links) {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : join(dirname(path), file);
      expect([link, existsSync(join(root, target))]).toEqual([link, true]);
      if (anchor !== undefined) expect([link, anchorsOf(target).includes(anchor)]).toEqual([link, true]);
    }
    if (path !== "CHANGELOG.md") expect(links.length).toBeGreaterThan(0);
  });
});

describe("docs/images", () => {
  it.each(readdirSync(join(root, "docs", "images")))("holds %s, which is small and shown somewhere", (name) => {
    const file = readFileSync(join(root, "docs", "images", name));
    expect(file.subarray(1, 4).toString()).toBe("PNG");
    expect(file.length).toBeLessThan(200_000);
    const shown = readdirSync(join(root, "docs")).filter((each) => each.endsWith(".md"));
    expect(shown.some((document) => text(`docs/${document}`).includes(`](images/${name})`))).toBe(true);
  });
});

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```$/gm, "").replaceAll(/^ {4}.*$/gm, "");
}

describe("docs/bounds.md", () => {
  const bounds = [...text("docs/bounds.md").matchAll(/^\|[^|]*\| `([^`]+)` \| ((?:lambda|lib|bin)\/\S+\.ts) \|/gm)];

  it("names many bounds", () => {
    expect(bounds.length).toBeGreaterThan(40);
  });

  it.each(bounds.map(([, quoted = "", file = ""]) => ({ quoted, file })))(
    "quotes $quoted as it stands in $file",
    ({ quoted, file }) => {
      expect(text(file)).toContain(quoted);
    },
  );
});

describe("README.md", () => {
  const readme = text("README.md");

  it("can be read in three minutes", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });

  it("leads to every page of docs", () => {
    for (const name of readdirSync(join(root, "docs")).filter((each) => each.endsWith(".md"))) {
      expect(readme).toContain(`](docs/${name})`);
    }
  });

  it("has the commands that CI runs as a newcomer would", () => {
    for (const command of ["npm ci && npm run demo", "npm ci && npm test", "npm run lint", "npm run types"]) {
      expect(text(".ci/run")).toContain(command);
      expect(readme).toMatch(new RegExp(`^ {4}${command}$`, "m"));
    }
  });

  it("says of the cost what docs/cost.md says", () => {
    const [, ten, , most] = /^\| 15 minutes \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$/m.exec(text("docs/cost.md")) ?? [];
    expect(readme.replaceAll(/\s+/g, " ")).toContain(
      `${ten} USD a month for 10 distributions and ${most} for 500, every 15 minutes`,
    );
  });
});

describe("docs/comparison.md", () => {
  it("counts what docs/detection.md counts, for every tool", () => {
    const rows = [
      ...text("docs/comparison.md").matchAll(/^\| ([^|]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/gm),
    ];
    const measured = text("docs/detection.md")
      .split("\n")
      .filter((line) => line.includes(": of 22 faults names "));
    expect(measured.length).toBeGreaterThan(3);
    expect(rows).toHaveLength(measured.length);
    for (const [, tool, names, symptom, nothing, none, alarms] of rows) {
      expect(measured).toContain(
        `- ${tool}: of 22 faults names ${names}, shows a symptom of ${symptom}, says nothing of ${nothing}; of 8 healthy servers false alarm for ${alarms}. No result: ${none}.`,
      );
    }
  });
});

describe("docs/operations.md", () => {
  /** The compiler wants every one here, and takes no other. */
  const problems: Readonly<Record<RunProblem["code"], true>> = {
    "inventory-failed": true,
    "account-unreadable": true,
    "accounts-unlisted": true,
    "accounts-left-out": true,
    "findings-left-out": true,
    "policies-unreadable": true,
    "distribution-unreadable": true,
    "tenants-left-out": true,
    "details-unreadable": true,
    "mute-tag-unreadable": true,
    "mutes-unreadable": true,
    "check-path-unreadable": true,
    "telling-failed": true,
    "state-unreadable": true,
    "out-of-time": true,
    "no-network": true,
    "all-origins-dark": true,
    "observations-unusable": true,
    "vantage-failed": true,
    "fleet-needed": true,
    "vantage-without-network": true,
    "traffic-unreadable": true,
  };

  it("says of every problem of a run, once, what it means and what to do", () => {
    const table = /^`\[PROBLEM\]` names one of these:\n\n((?:\|.*\n)+)/m.exec(text("docs/operations.md"))?.[1] ?? "";
    const listed = [...table.matchAll(/^\| `([a-z-]+)` \| [^|]*\S{3}[^|]* \| [^|]*\S{3}[^|]* \|$/gm)];
    expect(listed.map(([, code]) => String(code)).toSorted()).toEqual(Object.keys(problems).toSorted());
  });
});

describe("docs/configure.md", () => {
  let defaults: Record<string, unknown>;
  const rows = new Map(
    [...text("docs/configure.md").matchAll(/^\| `([a-zA-Z]+)` \| (?:`([^`]*)`|[^|]*) \|/gm)].map(
      ([, key = "", value]) => [key, value],
    ),
  );

  beforeAll(() => {
    defaults = { ...readConfig({ alertEmail: "ops@example.com" }) };
  });

  it("lists the keys that there are and no other", () => {
    const listed = text("lib/config.ts").match(/^const keys = \[([^\]]*)\]/m)?.[1] ?? "";
    const keys = [...listed.matchAll(/"(\w+)"/g)].map(([, key]) => key);
    expect([...rows.keys()]).toEqual(keys);
  });

  it("states the defaults", () => {
    const stated = [...rows].filter(([, value]) => value !== undefined && !value.startsWith("rate"));
    expect(stated.length).toBeGreaterThan(3);
    for (const [key, value] of stated) expect([key, value]).toEqual([key, String(defaults[key])]);
    expect(rows.get("schedule")).toBe("rate(15 minutes)");
    expect(defaults.schedule).toMatchObject({ expressionString: "rate(15 minutes)" });
  });
});

describe("docs/deploy.md", () => {
  afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

  it("explains every parameter of the one-file template, with what it is and may be", () => {
    const section = /^## Without the CDK$(.*)/ms.exec(text("docs/deploy.md"))?.[1] ?? "";
    const stack = new Stack();
    addParameters(stack);
    const parameters = stack.node.children.filter((each) => each instanceof CfnParameter);
    const items = new Map(
      [...section.matchAll(/^ {3}- `(\w+)`: (.*)$/gm)].map(([, name = "", item = ""]) => [name, item]),
    );
    expect([...items.keys()]).toEqual(parameters.map(({ node }) => node.id));
    expect(parameters.length).toBeGreaterThan(2);
    for (const { node, default: otherwise, allowedValues = [] } of parameters) {
      const item = items.get(node.id) ?? "";
      if (otherwise !== undefined)
        expect([node.id, item]).toEqual([node.id, expect.stringMatching(`^\`${otherwise}\``)]);
      // The retentions are more than a reader wants to see.
      if (node.id !== "LogRetentionDays") for (const value of allowedValues) expect(item).toContain(`\`${value}\``);
    }
  });
});

describe("docs/terminal.md", () => {
  it("explains every option of the terminal command and no other", () => {
    const options = (markdown: string, pattern: RegExp) =>
      [...new Set([...markdown.matchAll(pattern)].map(([, option = ""]) => option))].toSorted();
    const explained = options(text("docs/terminal.md"), /^\| `(--[a-z-]+)/gm);
    expect(explained).toEqual(options(wholeHelp(check.help), /^ {2}(--[a-z-]+)/gm));
    expect(explained.length).toBeGreaterThan(5);
  });
});

describe("docs/security.md", () => {
  const page = text("docs/security.md");

  it.each([
    [["lib/watch-function.ts", "lib/cloudfront-reads.ts", "lib/members.ts"], "The function's role, complete:", 4],
    [["lib/status-board.ts"], "The role of the function behind the status board, complete:", 1],
  ])("lists the permissions that %s grants by name", (files, heading, least) => {
    const rights = /"((?:cloudfront|cloudwatch|organizations|sns|sts|s3|kms):[A-Z]\w+)"/g;
    const granted = [...new Set([...files.map(text).join("\n").matchAll(rights)].map(([, action = ""]) => action))];
    const table =
      page
        .slice(page.indexOf(heading) + heading.length)
        .trimStart()
        .split("\n\n")[0] ?? "";
    const names = [...table.matchAll(/`((?:cloudfront|cloudwatch|organizations|sns|sts|s3|kms):[A-Z]\w+)`/g)].map(
      ([, action = ""]) => action,
    );
    const listed = [...new Set(names)];
    expect(listed.toSorted()).toEqual(granted.toSorted());
    expect(granted.length).toBeGreaterThan(least);
  });
});

describe("docs/accounts.md", () => {
  const page = text("docs/accounts.md");

  it("says beside the example of a filter what a filter is not", () => {
    const section = /^## Each team its own messages$(.*?)^## /ms.exec(page)?.[1] ?? "";
    expect(section).toContain('{"accountIds": ["');
    expect(section.replaceAll(/\s+/g, " ")).toContain(
      "Filter policies are routing, not confidentiality**: whoever may subscribe to the topic can read everything, and a message about a shared origin names the other accounts that use it.",
    );
  });

  it("lists the rights that a setting adds, as the member template has them", () => {
    const { Parameters, Conditions } = memberTemplate("1");
    const optional = Object.keys(objectOf(Conditions)).map((name) => name.replace(/IsYes$/, ""));
    const rows = [...page.matchAll(/^\| `(Read\w+)` \| `(yes|no)` \| `([a-z]+:\w+)`/gm)];
    expect(rows.map(([, name]) => name)).toEqual(optional);
    for (const [, name = "", otherwise, action = ""] of rows) {
      expect(objectOf(objectOf(Parameters)[name]).Default).toBe(otherwise);
      const statements = objectOf(objectOf(memberTemplate("1").Resources).Rights);
      const guarded = JSON.stringify(statements).split(`"Fn::If":["${name}IsYes",`)[1]?.split('"Fn::If"')[0] ?? "";
      expect(guarded).toContain(action);
    }
  });
});

describe("docs/cost.md", () => {
  const cost = text("docs/cost.md");
  const sizes = [
    { distributions: 10, seconds: 3 },
    { distributions: 100, seconds: 5 },
    { distributions: 500, seconds: 15 },
  ] as const;
  const numbers = (label: string) =>
    (cost.split("\n").find((line) => line.startsWith(`| ${label} |`)) ?? "").split("|").slice(2, 5).map(Number);

  /** The arithmetic below the tables. */
  function costs(minutes: number, { distributions, seconds }: { distributions: number; seconds: number }) {
    const runs = (30 * 24 * 60) / minutes;
    const logged = (of: number) => (of * distributions * 2 * 2.45) / 1e6;
    return {
      "Lambda, ARM, 512 MB": runs * seconds * 0.5 * 0.0000133334 + (runs / 1e6) * 0.2,
      "CloudWatch Logs, ingested": logged(runs) * 0.5,
      "CloudWatch metrics": 2 * 11 * 0.3,
      "CloudWatch alarms": 8 * 0.1,
      "CloudWatch dashboard": 3,
      "Logs Insights, for the dashboard's tables": 100 * 3 * logged(minutes < 60 ? 1_440 / minutes : 168) * 0.005,
      "The status board's function": 100 * (0.0000133334 + 0.2 / 1e6 + (2 * 0.0004) / 1e3),
      "S3 requests": (runs * (0.005 + 0.0004) + Math.min(runs, 720) * 0.005) / 1e3,
      "What CloudFront counts": counting("hourly", minutes, distributions),
    };
  }

  function sum(of: Readonly<Record<string, number>>): number {
    return Object.values(of).reduce((total, each) => total + each, 0);
  }

  /** Two metrics for a distribution that is asked, and four where one in fifty is in doubt, in each run. */
  function counting(setting: "hourly" | "every-run" | "off", minutes: number, distributions: number) {
    if (setting === "off") return 0;
    const runs = (30 * 24 * 60) / minutes;
    const askings = setting === "hourly" ? Math.min(runs, 720) : runs;
    const inDoubt = distributions / 50;
    return (((distributions - inDoubt) * askings * 2 + inDoubt * runs * 4) * 0.01) / 1e3;
  }

  it.each(["off", "hourly", "every-run"] as const)("states what the setting %s costs", (setting) => {
    const expected = sizes.map(({ distributions }) => Number(counting(setting, 15, distributions).toFixed(2)));
    expect(numbers(`\`${setting}\``)).toEqual(expected);
    if (setting === "hourly") expect(expected.at(-1)).toBeLessThan(10);
  });

  it("states what one hub for several accounts costs, and a stack in each", () => {
    const accounts = [1, 40, 150] as const;
    const rounds = accounts.map((count) => Math.ceil((count - 1) / 10));
    const reading = rounds.map((round) => 2_880 * round * 1.2 * 0.5 * 0.0000133334);
    const hub = accounts.map((count, index) => {
      // Between 100 and 500 distributions the table's seconds grow by 2.5 for each 100.
      const distributions = count * 10;
      const seconds = count === 1 ? 3 : 5 + ((distributions - 100) / 100) * 2.5;
      return sum(costs(15, { distributions, seconds })) + (reading[index] ?? 0);
    });
    const each = accounts.map((count) => count * Number(sum(costs(15, sizes[0])).toFixed(2)));
    const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(2)));
    expect(numbers("One hub for all")).toEqual(rounded(hub));
    expect(numbers("Of that, reading other accounts")).toEqual(rounded(reading));
    expect(numbers("A stack in each")).toEqual(rounded(each));
  });

  it("states what 40 accounts, three Regions and 100,000 connections cost", () => {
    const gb = 0.0000133334;
    const { memoryMb } = readConfig({ alertEmail: "ops@example.com" });
    expect(cost).toContain(`With \`fleet\` the function has ${memoryMb} MB, as it comes, for 200 seconds`);
    const [runs, requests] = [2_880, (of: number) => (of / 1e6) * 0.2];
    const plans = [
      { distributions: 400, regions: 1, fleet: false },
      { distributions: 400, regions: 3, fleet: false },
      { distributions: 50_000, regions: 3, fleet: true },
    ] as const;
    const columns = plans.map(({ distributions, regions, fleet }) => {
      const connections = distributions * 2;
      // Beyond 5,000 connections a run logs what is not healthy, one in a hundred; everything each 23 hours, which is 93 runs.
      const whole = connections > mostLoggedWhole ? Math.round(runs / 93) : runs;
      const logged = ((whole + (runs - whole) / 100) * connections * 2.45) / 1e6;
      const batches = runs * Math.ceil(connections / 500);
      const own = (fleet ? 200 : 12.5) * (memoryMb / 1_024);
      return {
        "The function that watches": runs * (own + 4 * 1.2 * 0.5) * gb + requests(runs),
        Workers: fleet
          ? regions * (batches * 5 * 0.5 * gb + requests(batches))
          : (regions - 1) * (runs * 12.5 * 0.5 * gb + requests(runs)),
        "Answers between Regions": (regions - 1) * ((runs * connections * 1.7) / 1e6) * 0.02,
        "Logs, ingested": logged * 0.5,
        "Logs Insights, for the dashboard": 100 * 3 * (logged / 30) * 0.005,
        "What is counted by CloudFront": Math.min(
          counting("hourly", 15, distributions),
          (runs * mostTrafficAskings * 2 * 0.01) / 1e3,
        ),
        "Metrics, alarms, dashboard, S3": 2 * 11 * 0.3 + 8 * 0.1 + 3 + (fleet ? 0.03 : 0.02),
      };
    });
    const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(2)));
    for (const label of Object.keys(columns[0]!) as (keyof (typeof columns)[0])[]) {
      expect([label, numbers(label)]).toEqual([label, rounded(columns.map((column) => column[label]))]);
    }
    expect(numbers("Together")).toEqual(rounded(columns.map(sum)));
  });

  it("states what asking CloudFront itself costs, and README and change log what the count does", () => {
    /** One metric for a distribution that is asked, and requests through it, at most so many as a run makes. */
    const asking = (distributions: number, requests: number) =>
      Number((2_880 * ((distributions * 0.01) / 1e3 + (requests * 0.01) / 1e4)).toFixed(2));
    const inDoubt = sizes.map(({ distributions }) => distributions / 50);
    expect(numbers("`doubt`")).toEqual(inDoubt.map((each) => asking(each, each)));
    const asked = sizes.map(({ distributions }) => Math.min(distributions, mostDistributionsAsked));
    expect(numbers("`all`")).toEqual(asked.map((each) => asking(each, Math.min(2 * each, mostEdgeAskings))));
    const [few, , many] = numbers("`hourly`");
    const squeezed = (page: string) => text(page).replaceAll(/\s+/g, " ");
    expect(squeezed("README.md")).toContain(`${few} USD a month for 10 distributions and ${many} for 500`);
    expect(squeezed("CHANGELOG.md")).toContain(`${many} USD a month for 500 distributions, ${few} for 10`);
  });

  it("adds up for every size and interval", () => {
    for (const minutes of [5, 15, 60]) {
      const together = sizes.map((size) => sum(costs(minutes, size)));
      expect([minutes, numbers(`${minutes} minutes`)]).toEqual([
        minutes,
        together.map((total) => Number(total.toFixed(2))),
      ]);
    }
  });

  it.each(Object.keys(costs(15, sizes[0])))("states what it says for: %s", (label) => {
    const expected = sizes.map((size) => new Map(Object.entries(costs(15, size))).get(label) ?? Number.NaN);
    expect(numbers(label)).toEqual(expected.map((value) => Number(value.toFixed(2))));
  });

  it("counts the metrics and alarms that there are", () => {
    const metrics = text("lambda/contract/metrics.ts").match(/^ {2}\| "\w+"/gm) ?? [];
    expect(cost).toContain(`Metrics: ${metrics.length}, `);
    expect(cost).toContain("Alarms: 7, of which one looks at two metrics, so 8 at");
  });
});
