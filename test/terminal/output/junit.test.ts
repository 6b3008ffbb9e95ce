import { parseXML } from "@aws-sdk/xml-builder";
import { describe, expect, it } from "vitest";
import { junit } from "../../../bin/terminal/output/junit.ts";
import { certificateExpiring, chainIncomplete, connectionRecord, finding } from "../../tell/records.ts";

type Suite = {
  readonly testsuites: {
    readonly testsuite: Record<string, unknown> & { readonly testcase: readonly Record<string, unknown>[] };
  };
};

function parsed(...given: Parameters<typeof junit>) {
  return (parseXML(junit(...given)) as Suite).testsuites.testsuite;
}

describe("junit", () => {
  const records = [
    connectionRecord("a.example.com", { verdict: "healthy", findings: [] }),
    connectionRecord("b.example.com", { verdict: "failing", findings: [chainIncomplete] }),
    connectionRecord("c.example.com", { verdict: "at-risk", findings: [certificateExpiring] }),
    connectionRecord("d.example.com", {
      verdict: "unknown",
      findings: [finding("connection-timed-out", { effect: "unseen" })],
    }),
  ];

  it("fails what fails, passes a risk with a remark, and skips what could not be checked", () => {
    const suite = parsed(records, ["distribution E9 is not checked: odd"]);
    expect(suite).toMatchObject({ tests: "5", failures: "1", errors: "1", skipped: "1" });
    const outcomes = suite.testcase.map((each) => [
      each.classname,
      ["error", "failure", "system-out", "skipped"].filter((name) => name in each),
    ]);
    expect(outcomes).toEqual([
      ["configuration", ["error"]],
      ["a.example.com:443", []],
      ["b.example.com:443", ["failure"]],
      ["c.example.com:443", ["system-out"]],
      ["d.example.com:443", ["skipped"]],
    ]);
    expect(JSON.stringify(suite.testcase[2])).toContain("chain-incomplete");
  });

  it("types a failure by its worst finding, and calls HTTPS without a known server name TLS", () => {
    const note = finding("chain-superfluous", { effect: "note" });
    const [first, second, third] = parsed(
      [
        connectionRecord("a.example.com", {
          verdict: "failing",
          findings: [note, certificateExpiring, chainIncomplete],
        }),
        connectionRecord("b.example.com", {
          verdict: "unknown",
          connection: { key: "https://b.example.com:443 unseen=policy-unresolved", serverName: null },
        }),
        connectionRecord("c.example.com", {
          verdict: "healthy",
          connection: { key: "http://c.example.com:80 ipv4", serverName: null, port: 80 },
        }),
      ],
      [],
    ).testcase;
    expect(first?.failure).toMatchObject({
      type: "chain-incomplete",
      message: expect.stringMatching(/^chain-incomplete: .*certificate-expiring: .*chain-superfluous: /),
    });
    expect([second?.name, third?.name].map((name) => String(name).split(",")[0])).toEqual(["TLS", "HTTP"]);
  });

  it("keeps hostile text text", () => {
    const hostile = `"/><script>&\u0000\u001b[31m\ud800\u202e]]>\uffff`;
    const title = finding("chain-incomplete", { title: hostile, explanation: hostile, remedy: [hostile] });
    const record = connectionRecord("e.example.com", { verdict: "failing", findings: [title] });
    const xml = junit([record], [hostile]);
    expect(xml.replaceAll("\n", "")).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}|\uffff/u);
    expect(xml).not.toContain("<script>");
    const suite = parsed([record], [hostile]);
    expect(Object.keys(suite.testcase[1] as object).toSorted()).toEqual(["classname", "failure", "name", "time"]);
  });
});
