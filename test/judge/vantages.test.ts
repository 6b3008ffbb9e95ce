import { describe, expect, it } from "vitest";
import { judge } from "../../lambda/judge/judge.ts";
import { type AddressOutcome, type Observation, unobserved } from "../../lambda/probe/observation.ts";
import { connectionRecord } from "../../lambda/report/connection-record.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { connection } from "./checked.ts";

const planned = { kind: "probe", connection: connection({}) } as const;
const policy = { now: 0, expiryWarningDays: 21, anchors: trustAnchors() };
const refused: AddressOutcome = { kind: "connect-refused", attempts: 1 };
const silent: AddressOutcome = { kind: "connect-timed-out", attempts: 3, timeoutMs: 10_000 };
const nothing = unobserved("deadline");

function answered(outcomes: { readonly [address: string]: AddressOutcome }): Observation {
  const addresses = Object.entries(outcomes).map(([address, outcome]) => ({ address, outcome, ms: 1 }));
  return { dns: { kind: "answered", addresses: Object.keys(outcomes) }, addresses, addressesLeftOut: 0 };
}

function judged(...observations: Observation[]) {
  const seen = observations.map((observation, index) => ({
    vantage: ["eu-west-1", "us-east-1"][index] ?? "",
    observation,
  }));
  const findings = judge(planned, seen, policy);
  const codes = findings.map(({ code, effect, address }) =>
    [code, effect, address].filter((part) => part !== null).join(" "),
  );
  return { codes, record: connectionRecord(planned, seen, findings) };
}

describe("a connection that was seen from two vantages", () => {
  it("has the defects that either of them saw, each address by itself", () => {
    const { codes } = judged(answered({ "192.0.2.1": refused }), answered({ "192.0.2.2": silent }));
    expect(codes).toEqual(["connection-refused 502 192.0.2.1", "connection-timed-out unseen 192.0.2.2"]);
  });

  it("has a defect once that both of them saw, as the worse one", () => {
    const [one, both] = [answered({ "192.0.2.1": refused }), answered({ "192.0.2.1": refused, "192.0.2.2": silent })];
    expect(judged(one, one).codes).toEqual(["connection-refused 502 192.0.2.1"]);
    // Of two addresses one is dark from there: whatever answered fails all the same.
    expect(judged(both).codes).toEqual(expect.arrayContaining(["some-addresses-dark may"]));
    for (const order of [judged(one, both), judged(both, one)]) {
      expect(order.codes.filter((code) => code.startsWith("connection-refused"))).toEqual([
        "connection-refused 502 192.0.2.1",
      ]);
    }
  });

  it("is not out of time because one of them did not look", () => {
    const seen = answered({ "192.0.2.1": refused });
    expect(judged(nothing, seen).codes).toEqual(["connection-refused 502 192.0.2.1"]);
    expect(judged(nothing, nothing).codes).toEqual(["out-of-time unseen"]);
  });

  it("says of each address from where it was seen", () => {
    const { record } = judged(answered({ "192.0.2.1": silent }), answered({ "192.0.2.1": refused }));
    expect(record.observed.addresses).toMatchObject([
      { address: "192.0.2.1", outcome: "connection timed out", seenFrom: "eu-west-1" },
      { address: "192.0.2.1", outcome: "connection refused", seenFrom: "us-east-1" },
    ]);
    expect(judged(nothing, answered({ "192.0.2.1": refused })).record.reproduce).toContain("192.0.2.1:443");
  });
});
