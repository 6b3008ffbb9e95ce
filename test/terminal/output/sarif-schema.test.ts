import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resultsOf } from "../../../bin/terminal/output/results.ts";
import { sarif } from "../../../bin/terminal/output/sarif.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { hostileTexts } from "../../hostile/texts.ts";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { connectionRecord, finding, use } from "../../tell/records.ts";
import { recordsIn, runCheck } from "../run-check.ts";

// The schema is that of OASIS, as Microsoft's matchers for SARIF carry it.
const schemaFile = createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
const { $schema: _, id: $id, ...schema } = JSON.parse(readFileSync(schemaFile, "utf8"));
// It is written in draft 4, where an id had another name; one of its patterns is none with the flag for Unicode.
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile({ ...schema, $id });

const whole = { file: "plan.json", line: null, column: null };
const placed = { placeOf: () => ({ file: "cdk.out/A.template.json", line: 3, column: 5 }), whole };

function errorsOf(text: string) {
  isSarif(JSON.parse(text));
  return isSarif.errors;
}

describe("the SARIF of the demo's account", () => {
  let account: Account;
  let records: readonly ConnectionRecord[];
  beforeAll(async () => {
    account = await startAccount();
    const box = ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];
    records = recordsIn(await runCheck(["account", "--json", ...box], { environment: account.aws.environment }));
  });
  afterAll(() => account.close());

  it("is valid by the schema, and has every finding", () => {
    const text = sarif(resultsOf(records, ["a template could not be read"], placed), "account");
    expect(errorsOf(text)).toBeNull();
    const { results } = JSON.parse(text).runs[0];
    const codes = records.filter(({ verdict }) => verdict !== "skipped").flatMap(({ findings }) => findings);
    expect(new Set(results.map(({ ruleId }: { ruleId: string }) => ruleId))).toEqual(
      new Set(["input-unread", ...codes.map(({ code }) => code)]),
    );
    expect(codes.length).toBeGreaterThan(20);
  });

  it("is not valid where a level is none of SARIF's", () => {
    const text = sarif(resultsOf(records, [], placed), "account");
    expect(errorsOf(text.replaceAll('"level": "error"', '"level": "fatal"'))).not.toBeNull();
  });
});

describe("SARIF of anything", () => {
  it.each(hostileTexts)("is valid with the text %j", (text) => {
    const record = connectionRecord(text, {
      verdict: "failing",
      uses: [use(text, { aliases: [text], pathPatterns: [text], originId: text })],
      findings: [finding("chain-incomplete", { title: text, explanation: text, remedy: [text] })],
    });
    expect(errorsOf(sarif(resultsOf([record], [text], placed), "template"))).toBeNull();
  });

  it("has no more results than GitHub takes, and no more bytes when packed", () => {
    let state = 1;
    // Texts that hardly shrink when packed.
    const noise = (length: number) =>
      Array.from({ length }, () => {
        state = (state * 48_271) % 2_147_483_647;
        return String.fromCharCode(97 + (state % 26));
      }).join("");
    const records = Array.from({ length: 26_000 }, (_each, index) =>
      connectionRecord(`a${index}.example.com`, {
        verdict: "failing",
        findings: [finding("chain-incomplete", { explanation: noise(900) })],
      }),
    );
    const text = sarif(resultsOf(records, [], placed), "template");
    const { results } = JSON.parse(text).runs[0];
    expect(gzipSync(text).length).toBeLessThan(10_000_000);
    expect(results.length).toBeGreaterThan(5_000);
    expect(results.length).toBeLessThan(25_000);
  });
});
