import { describe, expect, it } from "vitest";
import { judge } from "../../lambda/judge/judge.ts";
import { verdictOf } from "../../lambda/judge/verdict.ts";
import type { AddressOutcome, Observation } from "../../lambda/probe/observation.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { connection } from "./checked.ts";

const dark: AddressOutcome = { kind: "connect-timed-out", attempts: 1, timeoutMs: 1_000 };
const refused: AddressOutcome = { kind: "connect-refused", attempts: 1 };
const open: AddressOutcome = { kind: "connected" };
const anchors = trustAnchors();

function judged(outcomes: readonly AddressOutcome[], scheme: "http" | "https" = "https") {
  const addresses = outcomes.map((outcome, index) => ({ address: `192.0.2.${index + 1}`, outcome, ms: 1 }));
  const dns = { kind: "answered", addresses: addresses.map(({ address }) => address) } as const;
  const observation: Observation = { dns, addresses, addressesLeftOut: 0 };
  const planned = { kind: "probe", connection: connection({ scheme }) } as const;
  const findings = judge(planned, [{ vantage: "here", observation }], { now: 0, expiryWarningDays: 21, anchors });
  return { verdict: verdictOf(planned, findings), findings };
}

describe("an address that gives no answer", () => {
  it("is at risk where another answers, without a word of firewalls that admit only CloudFront", () => {
    const { verdict, findings } = judged([open, dark, open], "http");
    expect([verdict, findings.map(({ code, address }) => [code, address])]).toEqual([
      "at-risk",
      [["some-addresses-dark", null]],
    ]);
    expect(findings[0]?.explanation).toContain("192.0.2.2 did not answer");
    expect(findings[0]?.evidence).toMatchObject({ seen: ["192.0.2.2"], answering: ["192.0.2.1", "192.0.2.3"] });
  });

  it("does not lighten what every address that answered has", () => {
    const { verdict, findings } = judged([refused, dark, refused]);
    expect(verdict).toBe("failing");
    expect(findings.map(({ code, effect }) => `${code} ${effect}`)).toEqual([
      "some-addresses-dark may",
      "connection-refused 502",
      "connection-refused 502",
    ]);
  });

  it("stands beside what some of the others have", () => {
    const { verdict, findings } = judged([refused, dark, { kind: "not-dialled", range: "private" }]);
    expect(verdict).toBe("failing");
    expect(findings.map(({ code }) => code)).toContain("some-addresses-dark");
  });

  it("is not checked where none answers", () => {
    const { verdict, findings } = judged([dark, dark]);
    expect([verdict, findings.map(({ code }) => code)]).toEqual([
      "unknown",
      ["connection-timed-out", "connection-timed-out"],
    ]);
  });
});
