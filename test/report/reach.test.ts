import { describe, expect, test } from "vitest";
import { type Control, networkProblem, reachedNone, reachedSeveral } from "../../lambda/report/reach.ts";
import { address, chainIncomplete, connectionRecord, finding, silentAddress } from "../tell/records.ts";

const unseen = (code: Parameters<typeof finding>[0]) => finding(code, { effect: "unseen" });
const silent = (domain: string, code: Parameters<typeof finding>[0] = "connection-timed-out") =>
  connectionRecord(domain, {
    verdict: "unknown",
    findings: [unseen(code)],
    observed: { addresses: code === "dns-lookup-failed" ? [] : [silentAddress("no answer")] },
  });
const three = [silent("a.test"), silent("b.test", "dns-lookup-failed"), silent("c.test", "connection-unreachable")];
const answers: Control = { server: "cloudfront.amazonaws.com:443", outcome: "answered" };
const dead: Control = { server: "cloudfront.amazonaws.com:443", outcome: "unresolved" };
const mute: Control = { server: "s3.amazonaws.com:443", outcome: "silent" };

describe("networkProblem", () => {
  test("is ours where CloudFront's API does not answer either", () => {
    const problem = networkProblem(three, true, [dead, mute]);
    expect(problem).toMatchObject({ code: "no-network", scope: null });
    expect(problem?.message).toContain("None of 3 origins");
    expect(problem?.message).toContain(
      "cloudfront.amazonaws.com:443 (not resolved) and s3.amazonaws.com:443 (no answer)",
    );
  });

  test("is the origins' where CloudFront's API answers", () => {
    const many = Array.from({ length: 300 }, (_, n) => silent(`o${n}.test`));
    const problem = networkProblem(many, true, [dead, answers]);
    expect(problem?.code).toBe("all-origins-dark");
    expect(problem?.message).toContain("None of 300 origins");
    expect(problem?.message).toContain("o9.test and 290 more");
  });

  test.each([
    ["nothing is remembered of what was reached", three, false, [dead]],
    ["no control could be asked for", three, true, []],
    ["there are only two origins", three.slice(1), true, [dead]],
    ["one origin answered", [...three, connectionRecord("d.test")], true, [dead]],
    [
      "one origin refused",
      [...three, connectionRecord("d.test", { verdict: "failing", findings: [finding("connection-refused")] })],
      true,
      [dead],
    ],
    [
      "DNS said of one that there is no such name",
      [
        ...three,
        connectionRecord("d.test", {
          verdict: "failing",
          findings: [finding("dns-name-not-found")],
          observed: { addresses: [] },
        }),
      ],
      true,
      [dead],
    ],
    [
      "one origin answered under another server name",
      [...three, connectionRecord("a.test", { connection: { key: "other" } })],
      true,
      [dead],
    ],
  ] as const)("says nothing where %s", (_, records, before, control) => {
    expect(networkProblem(records, before, control)).toBeNull();
  });

  test("counts what the configuration says of an origin for no answer of it", () => {
    const website = connectionRecord("w.test", {
      verdict: "failing",
      findings: [finding("s3-website-over-https"), unseen("dns-lookup-failed")],
      observed: { addresses: [] },
    });
    expect(networkProblem([website, ...three.slice(1)], true, [dead])?.message).toContain("None of 3 origins");
  });

  test("takes what was not looked at for no answer and no silence", () => {
    const vpc = connectionRecord("v.test", {
      verdict: "unknown",
      findings: [unseen("vpc-origin")],
      observed: { addresses: [] },
    });
    const late = silent("l.test", "out-of-time");
    const s3 = connectionRecord("s3.test", { verdict: "skipped", skipped: "s3-origin", observed: { addresses: [] } });
    expect(networkProblem([...three, vpc, late, s3], true, [dead])?.message).toContain("None of 3 origins");
    expect(networkProblem([vpc, late, s3, ...three.slice(1)], true, [dead])).toBeNull();
  });
});

test("reachedSeveral counts origins that gave any answer, and is null where none did", () => {
  const bad = connectionRecord("bad.test", { verdict: "failing", findings: [chainIncomplete] });
  const some = [
    bad,
    connectionRecord("a.test"),
    connectionRecord("b.test", { observed: { addresses: [address("b")] } }),
  ];
  expect(reachedSeveral(some)).toBe(true);
  expect(reachedSeveral(some.slice(1))).toBe(false);
  expect(reachedSeveral(three)).toBeNull();
  expect([reachedNone(three), reachedNone(some), reachedNone([])]).toEqual([true, false, false]);
});
