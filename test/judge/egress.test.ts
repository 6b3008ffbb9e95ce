import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "../../lambda/judge/judge.ts";
import { publicView } from "../../lambda/judge/public-view.ts";
import type { Policy } from "../../lambda/judge/rule.ts";
import { type AddressOutcome, egressVantage, type Observation, unobserved } from "../../lambda/probe/observation.ts";
import { connectionRecord } from "../../lambda/report/connection-record.ts";
import { connection } from "./checked.ts";
import {
  anchors,
  answered,
  at1,
  expired,
  healthy,
  inWords,
  notFound,
  refused,
  selfSigned,
  serverName,
  silent,
  unroutable,
} from "./outcomes.ts";

const egress = egressVantage("vpc-0123456789abcdef0");
const policy = { now: Date.now(), expiryWarningDays: 21, anchors };
const absent = unobserved("deadline");
const noAddress: Observation = { ...notFound, dns: { kind: "no-address", recordTypes: ["A"] } };

type Options = {
  readonly policy?: Policy;
  readonly ipAddressType?: "ipv4" | "ipv6" | "dualstack";
};

/** @param inside what the fixed addresses met */
function judged(
  outside: readonly Observation[],
  inside: Observation,
  { ipAddressType = "ipv4", ...options }: Options = {},
) {
  const planned = { kind: "probe", connection: connection({ domain: serverName, ipAddressType }) } as const;
  const regions = ["us-east-1", "eu-west-1", "sa-east-1"];
  const seen = publicView([
    ...outside.map((observation, index) => ({ vantage: regions[index] ?? "", observation })),
    { vantage: egress, observation: inside },
  ]);
  const findings = judge(planned, seen, options.policy ?? policy);
  return { codes: inWords(findings), findings, record: connectionRecord(planned, seen, findings) };
}

describe("an origin that the fixed addresses of a VPC look at too", () => {
  it("is as they see it where its firewall gives nobody else an answer", () => {
    expect(judged([at1(silent)], at1(healthy)).codes).toEqual([]);
    expect(judged([at1(silent)], at1(healthy)).record.verdict).toBe("healthy");
    expect(judged([at1(silent), at1(silent)], at1(healthy)).codes).toEqual([]);
    const { findings } = judged([at1(silent)], at1(expired));
    expect(findings).toMatchObject([{ code: "certificate-expired", effect: "502", seenFrom: [egress] }]);
  });

  it("is a risk, and no more, where all others are turned away and they are not", () => {
    for (const outside of [[at1(refused)], [at1(refused), at1(refused), at1(refused)], [at1(refused), at1(silent)]]) {
      const { codes, findings, record } = judged(outside, at1(healthy));
      expect(codes).toContain("some-regions-failing may");
      expect(record.verdict).toBe("at-risk");
      expect(findings.find(({ code }) => code === "some-regions-failing")?.title).toContain("places cannot reach it");
    }
  });

  it("is as the others see it where these reach it, or turn all away alike", () => {
    for (const met of [refused, silent, unroutable]) {
      expect(judged([at1(healthy)], at1(met)).codes).toEqual([]);
      expect(judged([at1(healthy), at1(refused)], at1(met)).codes).toEqual(["some-regions-failing may"]);
      expect(judged([at1(refused)], at1(met)).codes).toEqual(["connection-refused 502 192.0.2.1"]);
    }
    // In the ranges of the VPC nothing is connected to, although they may be public.
    const own: AddressOutcome = { kind: "not-dialled", range: "inside of the VPC" };
    for (const met of [healthy, silent, refused, expired]) {
      expect(judged([at1(met)], at1(own)).codes).toEqual(judged([at1(met)], absent).codes);
    }
    expect(judged([at1(refused)], absent).codes).toEqual(["connection-refused 502 192.0.2.1"]);
    expect(judged([at1(healthy)], absent).codes).toEqual([]);
  });

  it("is unknown where it answers nobody, whoever looked, and a risk where they alone are turned away", () => {
    const { codes, findings } = judged([at1(silent)], at1(silent));
    expect(codes).toEqual(["connection-timed-out unseen 192.0.2.1"]);
    expect(findings).toMatchObject([{ seenFrom: ["us-east-1", egress] }]);
    expect(judged([at1(silent)], at1(refused)).codes).toContain("some-regions-failing may");
  });

  it("has every fault of a certificate that they were sent", () => {
    expect(judged([at1(healthy)], at1(expired)).codes).toEqual(["certificate-expired 502 192.0.2.1"]);
    expect(judged([at1(expired)], at1(healthy)).codes).toEqual(["certificate-expired 502 192.0.2.1"]);
  });
});

describe("an address to which only the VPC has a route", () => {
  const from4 = (outcome: AddressOutcome) => answered({ "192.0.2.1": outcome, "2001:db8::1": unroutable });
  const both = (outcome4: AddressOutcome, outcome6: AddressOutcome) =>
    answered({ "192.0.2.1": outcome4, "2001:db8::1": outcome6 });
  const codesOf = (outside: Observation, inside: Observation) =>
    judged([outside], inside, { ipAddressType: "dualstack" }).codes;

  it("is judged by what it met there", () => {
    expect(codesOf(from4(healthy), both(healthy, healthy))).toEqual([]);
    expect(codesOf(from4(healthy), both(healthy, refused))).toEqual([
      "some-addresses-failing may",
      "connection-refused may 2001:db8::1",
    ]);
    expect(codesOf(from4(silent), both(healthy, healthy))).toEqual([]);
    expect(codesOf(from4(healthy), both(silent, healthy))).toEqual([]);
    for (const met of [unroutable, silent]) {
      expect(codesOf(from4(healthy), both(healthy, met))).toEqual(["ipv6-not-testable note 2001:db8::1"]);
    }
  });

  it("is all there is of an origin with IPv6 only", () => {
    const at6 = (outcome: AddressOutcome) => answered({ "2001:db8::1": outcome });
    const only6 = (inside: Observation) => judged([at6(unroutable)], inside, { ipAddressType: "ipv6" });
    expect(only6(at6(healthy)).record.verdict).toBe("healthy");
    expect(only6(at6(refused)).codes).toEqual(["connection-refused 502 2001:db8::1"]);
    expect(only6(absent).codes).toEqual(["ipv6-not-testable unseen 2001:db8::1"]);
  });
});

describe("a name that the VPC resolves otherwise", () => {
  const secret = "10.1.2.3";
  const everything = (seen: ReturnType<typeof judged>) => JSON.stringify([seen.findings, seen.record]);

  it("is judged as if they had not looked, and its private answer is nowhere", () => {
    const inside = answered({ [secret]: { kind: "not-dialled", range: "private" } });
    const seen = judged([at1(silent)], inside);
    expect(seen.codes).toEqual(["connection-timed-out unseen 192.0.2.1"]);
    expect(everything(seen)).not.toContain(secret);
    expect(seen.record.observed.vantages).toContainEqual({ vantage: egress, got: "nothing" });
    for (const other of [notFound, noAddress, answered({ "192.0.2.9": expired })]) {
      expect(judged([at1(healthy)], other).codes).toEqual([]);
    }
  });

  it("is judged at the addresses that others got too", () => {
    const seen = judged([at1(silent)], answered({ [secret]: refused, "192.0.2.1": expired }));
    expect(seen.codes).toEqual(["certificate-expired 502 192.0.2.1"]);
    expect(everything(seen)).not.toContain(secret);
  });

  it("does not exist or has no address for them as for the others", () => {
    expect(judged([notFound], notFound).codes).toEqual(["dns-name-not-found 502"]);
    expect(judged([notFound], at1(healthy)).codes).toEqual(["dns-name-not-found 502"]);
    expect(judged([noAddress], noAddress).codes).toEqual(["dns-no-address 502"]);
    expect(judged([absent], at1(healthy)).codes).toEqual(["out-of-time unseen"]);
  });
});

describe("an origin that only the fixed addresses ever got an answer from", () => {
  const today = new Date(policy.now).toISOString().slice(0, 10);
  const past = (isThroughEgress: boolean): Options => ({
    policy: {
      ...policy,
      historyOf: () => ({ answeredOn: today, silentSince: null, openSince: null, isThroughEgress }),
    },
  });

  it("stopped answering where it answers them no more, and not where nobody looks from there", () => {
    expect(judged([at1(silent)], at1(silent), past(true)).codes).toContain("origin-went-dark may");
    expect(judged([at1(silent)], absent, past(true)).codes).toEqual(["connection-timed-out unseen 192.0.2.1"]);
    expect(judged([at1(silent)], at1(healthy), past(true)).codes).toEqual([]);
  });

  it("is another one than that which answered others too", () => {
    expect(judged([at1(silent)], absent, past(false)).codes).toContain("origin-went-dark may");
    expect(judged([at1(silent)], at1(silent), past(false)).codes).toContain("origin-went-dark may");
    expect(judged([at1(silent)], at1(healthy), past(false)).codes).toEqual([]);
  });
});

describe("the word of the fixed addresses", () => {
  const outcome = fc.constantFrom(refused, silent, unroutable, expired, selfSigned, healthy);
  const address = fc.constantFrom("192.0.2.1", "192.0.2.2", "192.0.2.3");
  const observation = fc.oneof(
    fc.constantFrom(absent, notFound, noAddress),
    fc.dictionary(address, outcome, { minKeys: 1 }).map(answered),
  );

  it("makes nothing healthy or unknown that fails by what others saw", () => {
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1, maxLength: 3 }), observation, (outside, inside) => {
        const alone = judged(outside, absent).record.verdict;
        const { verdict } = judged(outside, inside).record;
        if (alone === "failing") expect(["failing", "at-risk"]).toContain(verdict);
      }),
    );
  });

  it("shows no address that nobody else got", () => {
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1, maxLength: 3 }), observation, (outside, inside) => {
        const known = outside.flatMap(({ dns }) => ("addresses" in dns ? dns.addresses : []));
        const { findings, record } = judged(outside, inside);
        for (const each of record.observed.addresses) expect(known).toContain(each.address);
        for (const each of findings) if (each.address !== null) expect(known).toContain(each.address);
      }),
    );
  });
});
