import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { annotations, fenced, inMarkdown, summary } from "../../../bin/terminal/output/github.ts";
import { gitlab } from "../../../bin/terminal/output/gitlab.ts";
import { resultsOf } from "../../../bin/terminal/output/results.ts";
import { encodedPath, plainMessage, sarif } from "../../../bin/terminal/output/sarif.ts";
import { rules } from "../../../lambda/judge/catalogue.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { shellWord } from "../../../lambda/text/shell-word.ts";
import { hostileTexts } from "../../hostile/texts.ts";
import { address, connectionRecord, finding, use } from "../../tell/records.ts";
import { obeyed } from "./github-runner.ts";

const whole = { file: "plan.json", line: null, column: null };
const placed = { placeOf: () => null, whole };

const failing = (domain: string) =>
  connectionRecord(domain, {
    verdict: "failing",
    uses: [use("E1", { aliases: ["www.example.com"], pathPatterns: ["/api/*"], originId: "api" })],
    findings: [finding("chain-incomplete"), finding("protocol-sslv3-enabled", { effect: "note" })],
  });

/** The parts of SARIF 2.1.0 that are written, as the specification has them; nothing else may be there. */
const message = closed({ text: { type: "string", minLength: 1 } });
const level = { enum: ["none", "note", "warning", "error"] };
const uri = { type: "string", pattern: "^[A-Za-z0-9%._~!*'()-]+(/[A-Za-z0-9%._~!*'()-]+)*$" };
const region = closed({ startLine: { type: "integer", minimum: 1 }, startColumn: { type: "integer", minimum: 1 } }, [
  "startLine",
]);
const rule = closed({
  id: { type: "string" },
  shortDescription: message,
  fullDescription: closed({ text: { type: "string", maxLength: 1_024 } }),
  help: closed({ text: { type: "string" }, markdown: { type: "string" } }),
  helpUri: { type: "string", pattern: "^https://" },
  defaultConfiguration: closed({ level }),
  properties: closed({ tags: { type: "array", maxItems: 10, uniqueItems: true }, precision: { enum: ["high"] } }),
});
const result = closed({
  ruleId: { type: "string" },
  level,
  message,
  locations: list(closed({ physicalLocation: closed({ artifactLocation: closed({ uri }), region }) }), 1),
  partialFingerprints: closed({ primaryLocationLineHash: { type: "string", pattern: "^[0-9a-f]{64}:1$" } }),
});
const run = closed({
  tool: closed({
    driver: closed({ name: { const: "Origin Watch" }, semanticVersion: { type: "string" }, rules: list(rule, 1) }),
  }),
  automationDetails: closed({ id: { type: "string", pattern: "^origin-watch/[a-z]+/$" } }),
  columnKind: { const: "utf16CodeUnits" },
  results: { type: "array", maxItems: 25_000, items: result },
});
const isSarif = new Ajv().compile(
  closed({ $schema: { type: "string" }, version: { const: "2.1.0" }, runs: { ...list(run, 1), maxItems: 1 } }),
);

function closed(properties: object, required = Object.keys(properties)) {
  return { type: "object", properties, required, additionalProperties: false };
}

function list(items: object, minItems: number) {
  return { type: "array", items, minItems };
}

describe("SARIF", () => {
  it("has a rule for each code, and a result for each finding with its level", () => {
    const log = JSON.parse(sarif(resultsOf([failing("api.example.com")], ["x was not read"], placed), "terraform"));
    expect([isSarif(log), isSarif.errors]).toEqual([true, null]);
    const [{ tool, results }] = log.runs;
    expect(tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual([
      ...rules.map(({ code }) => code),
      "input-unread",
    ]);
    expect(results.map((each: { ruleId: string; level: string }) => [each.ruleId, each.level])).toEqual([
      ["input-unread", "warning"],
      ["chain-incomplete", "error"],
      ["protocol-sslv3-enabled", "note"],
    ]);
  });

  it("takes the same fingerprint for the same thing, wherever it stands", () => {
    const of = (line: number) => {
      const place = { file: "main.tf", line, column: null };
      return resultsOf([failing("api.example.com")], [], { placeOf: () => place, whole });
    };
    expect(of(1)[0]!.place.line).toBe(1);
    expect(of(1).map((each) => each.fingerprint)).toEqual(of(9).map((each) => each.fingerprint));
    expect(new Set(of(1).map((each) => each.fingerprint)).size).toBe(2);
  });

  it("stays within GitHub's limits", () => {
    const many = Array.from({ length: 30_000 }, (_, index) => failing(`api${index}.example.com`));
    const log = JSON.parse(sarif(resultsOf(many, [], placed), "config"));
    expect(log.runs[0].results).toHaveLength(25_000);
  });
});

describe("a Code Quality report of GitLab", () => {
  it("has what GitLab asks for", () => {
    expect(JSON.parse(gitlab(resultsOf([failing("api.example.com")], [], placed)))).toMatchObject([
      {
        check_name: "chain-incomplete",
        severity: "critical",
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        location: { path: "plan.json", lines: { begin: 1 } },
      },
      { check_name: "protocol-sslv3-enabled", severity: "info" },
    ]);
  });
});

describe("annotations of GitHub", () => {
  it("are one for each result that means something to viewers, at most ten of a kind", () => {
    const commands = obeyed(annotations(resultsOf([failing("api.example.com")], ["x was not read"], placed)));
    expect(commands.map(({ name, properties }) => [name, properties.file, properties.line])).toEqual([
      ["warning", "plan.json", "1"],
      ["error", "plan.json", "1"],
    ]);
    const many = Array.from({ length: 25 }, (_, index) => failing(`api${index}.example.com`));
    const errors = obeyed(annotations(resultsOf(many, [], placed)));
    expect(errors).toHaveLength(10);
    expect(errors.at(-1)!.data).toBe("16 more are in the summary of this job.");
  });

  it("come after a listing in which nothing is obeyed", () => {
    const text = "::error::x\n##[set-output name=verdict]healthy\n::stop-commands::y\n";
    expect(obeyed(fenced(text, "token"))).toEqual([]);
    expect(obeyed(`${fenced(text, "token")}::error::seen\n`)).toHaveLength(1);
  });
});

describe("the summary of a job", () => {
  it("is a table that says what would break, for whom, and what to do, and is never too long", () => {
    const text = summary(resultsOf([failing("api.example.com")], [], placed), [failing("api.example.com")]);
    expect(text).toMatch(/^### CloudFront would answer 502 or 504\n\n1 failing, 0 at-risk/);
    expect(text.split("\n").filter((line) => line.startsWith("|"))).toHaveLength(3);
    const many = Array.from({ length: 5_000 }, (_, index) => failing(`api${index}.example.com`));
    const long = summary(resultsOf(many, [], placed), many);
    expect(Buffer.byteLength(long)).toBeLessThan(1024 * 1024);
    expect(long).toMatch(/\nAnd \d+ more\.\n/);
  });
});

// Each sink's own grammar reads it back as one text.
describe.each(hostileTexts.map((text) => ({ text, named: JSON.stringify(text).slice(0, 60) })))(
  "$named",
  ({ text }) => {
    const record = connectionRecord(text, {
      verdict: "failing",
      uses: [
        use(text, { comment: text, aliases: [text], pathPatterns: [text], originId: text, distributionDomain: text }),
      ],
      findings: [finding("chain-incomplete", { title: text, explanation: text, remedy: [text], address: text })],
      observed: { addresses: [address(text, { address: text })] },
      reproduce: `openssl s_client -servername ${shellWord(text)}`,
    });
    const results = resultsOf([record], [text], { placeOf: () => ({ file: text, line: 3, column: 4 }), whole });

    it("is the text of a message in SARIF, and one path", () => {
      const log = JSON.parse(sarif(results, "template"));
      const escaped = plainMessage(printable(text, 300));
      const back = escaped.replaceAll(/\\([\\[\]])|([{}])\2/g, "$1$2");
      expect(back).toBe(printable(text, 300));
      // No link and no placeholder is left.
      expect(escaped.replaceAll(/\\[\\[\]]|\{\{|\}\}/g, "")).not.toMatch(/[\\[\]{}]/);
      expect(log.runs[0].results).toHaveLength(2);
      expect(decodeURIComponent(encodedPath(text))).toBe(text.toWellFormed());
      for (const { locations } of log.runs[0].results) {
        expect(locations[0].physicalLocation.artifactLocation.uri).not.toMatch(/[^A-Za-z0-9%._~!*'()/-]/);
      }
    });

    it("is the data and the properties of one annotation", () => {
      const commands = obeyed(annotations(results));
      expect(commands.map(({ name }) => name)).toEqual(["warning", "error"]);
      expect(commands[1]!.properties).toMatchObject({ file: printable(text, 500), line: "3", col: "4" });
      expect(Object.keys(commands[1]!.properties)).toEqual(["file", "line", "col", "title"]);
      expect(
        annotations(results)
          .trimEnd()
          .split(/\r\n|[\n\r\u0085\u2028\u2029]/),
      ).toHaveLength(2);
    });

    it("is one cell of a table in Markdown, without anything that it could mean there", () => {
      const cell = inMarkdown(text, 10_000);
      expect(cell).toMatch(/^(<code>[A-Za-z0-9 .,/_&#;-]+<\/code>)?$/);
      const back = cell.slice(6, -7).replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
      expect(back).toBe(printable(text, 10_000));
      const rows = summary(results, [record]).trimEnd().split("\n");
      expect(rows.filter((line) => line.startsWith("|"))).toHaveLength(4);
      expect(rows.slice(-2).map((line) => line.split("|").length)).toEqual([7, 7]);
    });

    it("is a text of GitLab's report", () => {
      expect(JSON.parse(gitlab(results))).toHaveLength(2);
    });
  },
);
