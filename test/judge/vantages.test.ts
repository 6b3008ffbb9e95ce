import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../lambda/judge/finding.ts";
import { judge } from "../../lambda/judge/judge.ts";
import { type Observation, unobserved } from "../../lambda/probe/observation.ts";
import { connectionRecord } from "../../lambda/report/connection-record.ts";
import { recordOf } from "../../lambda/run.ts";
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

const planned = { kind: "probe", connection: connection({ domain: serverName }) } as const;
const policy = { now: Date.now(), expiryWarningDays: 21, anchors };
const nothing = unobserved("deadline");
const noAnswerOfDns: Observation = { ...notFound, dns: { kind: "lookup-failed", error: "SERVFAIL" } };

const regions = ["eu-west-1", "us-east-1", "ap-northeast-1", "sa-east-1", "eu-west-2"];
const from = (observations: readonly Observation[]) =>
  observations.map((observation, index) => ({ vantage: regions[index] ?? "", observation }));

function judged(...observations: Observation[]) {
  const findings = judge(planned, from(observations), policy);
  return { codes: inWords(findings), findings, record: connectionRecord(planned, from(observations), findings) };
}

describe("a connection that was seen from several vantages", () => {
  it("is judged by one of them as by one that is alone, and only says where from", () => {
    for (const outcome of [refused, silent, unroutable, expired, selfSigned, healthy]) {
      const alone = judged(at1(outcome)).findings;
      expect(alone.every(({ seenFrom }) => seenFrom === undefined)).toBe(true);
      const beside = judged(at1(outcome), nothing).findings;
      expect(beside).toEqual(alone.map((finding) => ({ ...finding, seenFrom: beside[0]?.seenFrom })));
    }
    expect(judged(at1(refused)).record.observed).not.toHaveProperty("vantages");
    expect(judged(at1(refused), nothing).findings).toMatchObject([{ seenFrom: ["eu-west-1"] }]);
  });

  it("has what more than half of them met on the way to it", () => {
    const { codes, findings } = judged(at1(refused), at1(refused), at1(healthy));
    expect(codes).toEqual(["connection-refused 502 192.0.2.1"]);
    expect(findings).toMatchObject([{ seenFrom: ["eu-west-1", "us-east-1"] }]);
    // Two of three get an error, whatever it is.
    expect(judged(notFound, at1(refused), at1(healthy)).codes).toEqual([
      "dns-name-not-found 502",
      "connection-refused 502 192.0.2.1",
    ]);
  });

  it("is a risk by what only some of them met, with their names", () => {
    const { codes, findings, record } = judged(at1(refused), at1(healthy), at1(healthy));
    expect(codes).toEqual(["some-regions-failing may"]);
    expect(findings[0]).toMatchObject({
      title: "1 of 3 Regions cannot reach it",
      doubt: "where CloudFront meets what eu-west-1 met",
      seenFrom: ["eu-west-1"],
      facts: {
        regions: {
          failing: [{ region: "eu-west-1", codes: ["connection-refused"] }],
          reaching: ["us-east-1", "ap-northeast-1"],
          answers: "502",
        },
      },
    });
    expect(findings[0]?.cause).toBe(
      "From eu-west-1: port 443 refuses connections (192.0.2.1); us-east-1 and ap-northeast-1 reach it (192.0.2.1).",
    );
    expect(record.verdict).toBe("at-risk");
    // One of two is not more than half.
    expect(judged(at1(refused), at1(healthy)).codes).toEqual(["some-regions-failing may"]);
    expect(judged(at1(notFound.addresses[0]?.outcome ?? refused), notFound).codes).toEqual([
      "connection-refused 502 192.0.2.1",
      "dns-name-not-found 502",
    ]);
  });

  it("is a risk, and no more, where some of them get no answer", () => {
    const [one, two] = [
      judged(at1(silent), at1(healthy), at1(healthy)),
      judged(at1(silent), at1(silent), at1(healthy)),
    ];
    expect(one.codes).toEqual(["some-regions-failing may"]);
    expect(one.record.findings[0]).toMatchObject({ title: "no answer to 1 of 3 Regions", mayAnswer: "504" });
    expect(two.codes).toEqual(["connection-timed-out unseen 192.0.2.1", "some-regions-failing may"]);
    expect(judged(at1(silent), at1(silent), at1(silent)).codes).toEqual(["connection-timed-out unseen 192.0.2.1"]);
  });

  it("has stopped answering only where it answers none of them", () => {
    const today = new Date(policy.now).toISOString().slice(0, 10);
    const historyOf = () => ({ answeredOn: today, silentSince: null, openSince: null });
    const codesOf = (...seen: Observation[]) => inWords(judge(planned, from(seen), { ...policy, historyOf }));
    expect(codesOf(at1(silent), at1(silent))).toContain("origin-went-dark may");
    for (const seen of [
      [at1(silent), at1(healthy)],
      [at1(silent), at1(silent), at1(healthy)],
    ]) {
      expect(codesOf(...seen)).not.toContain("origin-went-dark may");
      expect(codesOf(...seen)).toContain("some-regions-failing may");
    }
  });

  it("has every fault of a certificate that any of them was sent, as the worst that it was seen as", () => {
    const { codes, findings } = judged(at1(healthy), answered({ "192.0.2.9": expired }), at1(healthy));
    expect(codes).toEqual(["certificate-expired 502 192.0.2.9"]);
    expect(findings).toMatchObject([{ seenFrom: ["us-east-1"] }]);
    // From one of them another address is well, so that it is a risk there; from the other it is not.
    const both = answered({ "192.0.2.1": healthy, "192.0.2.9": expired });
    for (const order of [
      judged(both, answered({ "192.0.2.9": expired })),
      judged(answered({ "192.0.2.9": expired }), both),
    ]) {
      expect(order.codes).toContain("certificate-expired 502 192.0.2.9");
    }
  });

  it("has no sum of addresses without what it sums up", () => {
    const one = answered({ "192.0.2.1": refused, "192.0.2.2": healthy });
    const well = answered({ "192.0.2.1": healthy, "192.0.2.2": healthy });
    expect(judged(one).codes).toContain("some-addresses-failing may");
    expect(judged(one, well, well).codes).toEqual(["some-regions-failing may"]);
    expect(judged(one, one, well).codes).toEqual(["some-addresses-failing may", "connection-refused may 192.0.2.1"]);
  });

  it("is not judged by one that could not look, which is no vote either", () => {
    for (const absent of [nothing, noAnswerOfDns, at1(unroutable), at1({ kind: "not-tried", reason: "deadline" })]) {
      expect(judged(absent, at1(refused)).codes).toEqual(["connection-refused 502 192.0.2.1"]);
      expect(judged(absent, at1(healthy)).codes).toEqual([]);
      expect(judged(at1(refused), at1(refused), absent, absent, absent).codes).toEqual([
        "connection-refused 502 192.0.2.1",
      ]);
    }
    expect(judged(nothing, nothing).codes).toEqual(["out-of-time unseen"]);
    expect(judged(noAnswerOfDns, nothing).codes).toEqual(["dns-lookup-failed unseen"]);
  });

  it("has an IPv6 address that one of them has no way to, and another has", () => {
    const from4 = answered({ "192.0.2.1": healthy, "2001:db8::1": unroutable });
    const dualstack = {
      kind: "probe",
      connection: connection({ domain: serverName, ipAddressType: "dualstack" }),
    } as const;
    const codesOf = (...seen: Observation[]) => inWords(judge(dualstack, from(seen), policy));
    expect(codesOf(from4, from4)).toEqual(["ipv6-not-testable note 2001:db8::1"]);
    expect(codesOf(from4, answered({ "192.0.2.1": healthy, "2001:db8::1": healthy }))).toEqual([]);
    expect(codesOf(from4, answered({ "2001:db8::1": expired }))).toEqual(["certificate-expired 502 2001:db8::1"]);
  });

  it("says of each address from where it was seen, and of each vantage how far it got", () => {
    const { record } = judged(at1(silent), at1(refused), notFound, nothing, at1(expired));
    expect(record.observed.addresses).toMatchObject([
      { address: "192.0.2.1", outcome: "connection timed out", seenFrom: "eu-west-1" },
      { address: "192.0.2.1", outcome: "connection refused", seenFrom: "us-east-1" },
      { address: "192.0.2.1", seenFrom: "eu-west-2" },
    ]);
    expect(record.observed.vantages).toEqual([
      { vantage: "eu-west-1", got: "dns" },
      { vantage: "us-east-1", got: "tcp" },
      { vantage: "ap-northeast-1", got: "dns" },
      { vantage: "sa-east-1", got: "nothing" },
      { vantage: "eu-west-2", got: "certificate" },
    ]);
    expect(judged(nothing, at1(refused)).record.reproduce).toContain("192.0.2.1:443");
  });
});

describe("a vantage that cannot be believed", () => {
  const outcome = fc.constantFrom(refused, silent, unroutable, expired, selfSigned, healthy);
  const address = fc.constantFrom("192.0.2.1", "192.0.2.2", "192.0.2.3");
  const observation = fc.oneof(
    fc.constantFrom(nothing, notFound, noAnswerOfDns),
    fc.dictionary(address, outcome, { minKeys: 1 }).map(answered),
  );
  const stageOfCertificate = (findings: readonly Finding[]) =>
    findings.filter(({ code }) => /^(certificate|chain)-/.test(code));

  it("takes back no fault of a certificate and makes none milder, whatever it says", () => {
    const run = fc.tuple(
      fc.array(observation, { minLength: 1, maxLength: 3 }),
      fc.array(observation, { minLength: 1, maxLength: 2 }),
    );
    fc.assert(
      fc.property(run, ([honest, lies]) => {
        const alone = stageOfCertificate(judge(planned, from(honest), policy));
        const together = judge(planned, from([...honest, ...lies]), policy);
        for (const { code, address: where, effect } of alone) {
          const same = together.find((finding) => finding.code === code && finding.address === where);
          const isAsBad = same !== undefined && (same.effect === effect || same.effect === "502");
          expect(isAsBad, `${code} ${effect} ${where}`).toBe(true);
        }
      }),
    );
  });

  it("never makes an origin healthy or unknown that fails or may fail by what others saw", () => {
    const run = fc.tuple(
      fc.array(observation, { minLength: 1, maxLength: 3 }),
      fc.array(observation, { minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(run, ([honest, lies]) => {
        const alone = connectionRecord(planned, from(honest), judge(planned, from(honest), policy)).verdict;
        const all = from([...honest, ...lies]);
        const { verdict } = connectionRecord(planned, all, judge(planned, all, policy));
        if (alone === "failing" || alone === "at-risk") expect(["failing", "at-risk"]).toContain(verdict);
      }),
    );
  });

  it("costs the others nothing where what it sends cannot be judged", () => {
    const garbage = {} as Observation;
    const observations = from([garbage, at1(expired)]);
    const record = recordOf({ planned, observations }, policy);
    expect(record.findings).toMatchObject([{ code: "certificate-expired", effect: "502", seenFrom: ["us-east-1"] }]);
    expect(record.observed.vantages?.[0]).toEqual({ vantage: "eu-west-1", got: "nothing" });
    expect(recordOf({ planned, observations: from([garbage, garbage]) }, policy).verdict).toBe("unknown");
  });
});

describe("an origin with Origin Shield", () => {
  const use = { pathPatterns: ["*"], aliases: [], scope: { accountId: null, accountName: null, partition: null } };
  const shielded = (...places: (string | undefined)[]) => {
    const uses = places.map((originShield, index) => ({
      ...use,
      distributionId: `E${index}`,
      distributionDomain: null,
      comment: "",
      originId: "o",
      group: null,
      isDefault: true,
      enabled: true,
      staging: false,
      tenants: null,
      viewerSchemes: ["https" as const],
      failover: null,
      reroutedBy: [],
      ...(originShield === undefined ? {} : { originShield }),
    }));
    return { kind: "probe", connection: connection({ domain: serverName, uses }) } as const;
  };
  const codesOf = (where: ReturnType<typeof shielded>, ...seen: Observation[]) =>
    inWords(judge(where, from(seen), policy));

  it("is decided by the vantage in its Region", () => {
    const where = shielded("us-east-1");
    expect(codesOf(where, at1(refused), at1(healthy), at1(refused))).toEqual([]);
    expect(codesOf(where, at1(healthy), at1(refused), at1(healthy))).toEqual(["connection-refused 502 192.0.2.1"]);
    const seen = from([at1(healthy), at1(refused)]);
    expect(connectionRecord(where, seen, judge(where, seen, policy)).observed.vantages).toEqual([
      { vantage: "eu-west-1", got: "certificate" },
      { vantage: "us-east-1", got: "tcp", decides: true },
    ]);
  });

  it("is decided by all where nobody looked from there, or only some of its uses have it", () => {
    expect(codesOf(shielded("us-east-1"), at1(refused), nothing, at1(healthy))).toEqual(["some-regions-failing may"]);
    expect(codesOf(shielded("us-west-2"), at1(refused), at1(refused))).toEqual(["connection-refused 502 192.0.2.1"]);
    const [told] = judge(shielded("us-west-2"), from([at1(refused), at1(healthy)]), policy);
    expect(told).toMatchObject({ code: "some-regions-failing", effect: "may" });
    expect(told?.explanation).toContain("CloudFront connects from us-west-2 (Origin Shield)");
    for (const places of [["us-east-1", undefined], ["us-east-1", "eu-west-1"], [undefined]]) {
      expect(codesOf(shielded(...places), at1(refused), at1(healthy))).toEqual(["some-regions-failing may"]);
    }
  });

  it("is where AWS says for a Region without a regional edge cache, and nowhere for one that it does not name", () => {
    expect(codesOf(shielded("ca-central-1"), at1(refused), at1(healthy))).toEqual([]);
    expect(codesOf(shielded("xx-nowhere-1"), at1(refused), at1(healthy))).toEqual(["some-regions-failing may"]);
  });

  it("is at risk at most by the others where the vantage in its Region could not look this time", () => {
    for (const absent of [nothing, noAnswerOfDns]) {
      const where = shielded("us-east-1");
      expect(codesOf(where, at1(refused), absent)).toEqual(["connection-refused may 192.0.2.1"]);
      expect(codesOf(where, at1(refused), absent, at1(refused))).toEqual(["connection-refused may 192.0.2.1"]);
      expect(codesOf(where, at1(expired), absent)).toEqual(["certificate-expired 502 192.0.2.1"]);
      expect(codesOf(where, at1(silent), absent)).toEqual(["connection-timed-out unseen 192.0.2.1"]);
    }
  });

  it("has the faults of a certificate that any vantage was sent all the same", () => {
    expect(codesOf(shielded("us-east-1"), at1(expired), at1(healthy))).toEqual(["certificate-expired 502 192.0.2.1"]);
  });
});
