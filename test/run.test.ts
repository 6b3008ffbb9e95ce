import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Configuration, ConfigurationProblem } from "../lambda/configuration/configuration.ts";
import { noPolicies } from "../lambda/configuration/policies.ts";
import { unknownScope } from "../lambda/configuration/scope.ts";
import { observerHere } from "../lambda/observe/in-process.ts";
import type { ConnectionToObserve, Observed, Observer } from "../lambda/observe/observer.ts";
import type { PlannedConnection } from "../lambda/plan/connection.ts";
import { plan } from "../lambda/plan/plan.ts";
import { clientContexts } from "../lambda/probe/client-context.ts";
import { lookups } from "../lambda/probe/dns.ts";
import type { Observation, Transcript } from "../lambda/probe/observation.ts";
import { addressGuard } from "../lambda/probe/private-address.ts";
import { type CheckTools, checkConnections, observeAll, planRun, reportOf, runReport } from "../lambda/run.ts";
import { trustAnchors } from "../lambda/x509/trust-anchors.ts";
import { customOrigin, distribution } from "./plan/fixtures.ts";
import { createAuthority } from "./sandbox/authority.ts";

const anchors = trustAnchors([]);
const equipment = {
  lookup: lookups([]),
  contextFor: clientContexts(anchors),
  bounds: { sockets: 1, perAddress: 1 },
  unanswered: new Set<string>(),
  forbids: addressGuard([]),
  connectTo: null,
};
const here = observerHere("here", equipment);
const policy = { now: 0, expiryWarningDays: 21, anchors };
const tools = (observer: Observer, signal = new AbortController().signal): CheckTools => ({ observer, signal, policy });
const outOfTime = (now: number): CheckTools => ({ ...tools(here, AbortSignal.abort()), policy: { ...policy, now } });

/** Planned connections to origins of these names. */
function planned(...names: string[]): PlannedConnection[] {
  const all = names.map((name) => distribution({ id: name, origins: [customOrigin(name)] }));
  return [...plan(all, noPolicies).connections];
}

const notFound: Observation = { dns: { kind: "name-not-found" }, addresses: [], addressesLeftOut: 0 };
const noAddress: Observation = { ...notFound, dns: { kind: "no-address", recordTypes: ["A"] } };

const transcript: Transcript = {
  bytesReceived: 2_000,
  protocol: "TLSv1.3",
  cipherSuite: "TLS_AES_128_GCM_SHA256",
  group: "X25519MLKEM768",
  signatureScheme: "ecdsa_secp256r1_sha256",
  certificates: [],
  clientCertificateRequested: false,
  warnings: [],
  unreadable: null,
};

/** An observer that answers what the script says. */
function scripted(
  script: (batch: readonly ConnectionToObserve[], signal: AbortSignal) => AsyncIterable<Observed>,
  vantages: Observer["vantages"] = ["here"],
): Observer {
  return { vantages, observe: script };
}

const seen = (connection: ConnectionToObserve | undefined, observation = notFound, vantage = "here"): Observed => ({
  key: connection?.key ?? "none",
  vantage,
  observation,
});

async function codesOf(observer: Observer, ...names: string[]) {
  const { records, problems } = await checkConnections(planned(...names), tools(observer));
  expect(records.map(({ connection }) => connection.domain)).toEqual(names);
  return { codes: records.map(({ findings }) => findings.map(({ code }) => code).join()), problems };
}

describe("planRun", () => {
  it("leaves out problems that concern only distributions that are not watched", async () => {
    const problem = (...distributions: string[]): ConfigurationProblem => ({
      code: "distribution-unreadable",
      scope: unknownScope,
      message: `${distributions.join()} could not be read`,
      remedy: "Look at it.",
      ...(distributions.length > 0 ? { distributions } : {}),
    });
    const problems = [problem("E1"), problem("E2"), problem("E1", "E2"), problem()];
    const report = await runReport("run-1", {
      configuration: () =>
        Promise.resolve({ kind: "configuration", distributions: [], policies: noPolicies, problems }),
      includes: (id) => id === "E1",
      clock: () => 0,
      tools: outOfTime,
    });
    expect(report.problems).toEqual([problem("E1"), problem("E1", "E2"), problem()]);
  });

  it("plans what is watched, and names the distribution of what the plan leaves out", () => {
    const origins = [customOrigin("a.test")];
    const lost = { id: "group", members: ["lost"], failoverStatusCodes: [] };
    const distributions = ["E1", "E2"].map((id) => distribution({ id, origins, originGroups: [lost] }));
    const { connections, problems, ...rest } = planRun(
      { kind: "configuration", distributions, policies: noPolicies, problems: [] },
      (id) => id === "E1",
    );
    expect(rest).toEqual({ distributions: 1 });
    expect(connections.map(({ connection }) => connection.uses.map(({ distributionId }) => distributionId))).toEqual([
      ["E1"],
    ]);
    expect(problems).toMatchObject([
      { code: "distribution-unreadable", scope: distributions[0]?.scope, distributions: ["E1"] },
    ]);
  });
});

describe("observeAll", () => {
  afterEach(() => void vi.useRealTimers());

  it("judges each connection when it has been seen, and gives the records in the order of the plan", async () => {
    const observer = scripted(async function* (batch) {
      for (const connection of batch.toReversed()) yield seen(connection);
    });
    const judged: string[] = [];
    const { records } = await checkConnections(
      planned("a.test", "b.test", "c.test"),
      tools(observer),
      (record, { planned: each, observations }) => {
        judged.push(record.connection.domain);
        expect(each.connection.key).toBe(record.connection.key);
        expect(observations).toEqual([{ vantage: "here", observation: notFound }]);
      },
    );
    expect(judged).toEqual(["c.test", "b.test", "a.test"]);
    expect(records.map(({ connection }) => connection.domain)).toEqual(["a.test", "b.test", "c.test"]);
  });

  it("asks for no more than what is dialled and offered, and not for what is not to be tried", async () => {
    const distributions = [
      distribution({ id: "E1", origins: [customOrigin("a.test")] }),
      distribution({ id: "E2", enabled: false, origins: [customOrigin("off.test")] }),
    ];
    const asked: string[] = [];
    const observer = scripted(async function* (batch) {
      asked.push(...batch.map(({ domain }) => domain));
      for (const connection of batch) yield seen(connection);
    });
    const { records } = await checkConnections(plan(distributions, noPolicies).connections, tools(observer));
    expect(asked).toEqual(["a.test"]);
    expect(records.map(({ verdict }) => verdict)).toEqual(["failing", "skipped"]);
  });

  it("observes connections once that are dialled and offered alike", async () => {
    const [one] = planned("a.test") as [PlannedConnection];
    const alike = { ...one, connection: { ...one.connection, weight: "low" as const } };
    const observer = scripted(async function* (batch) {
      expect(batch).toHaveLength(1);
      for (const connection of batch) yield seen(connection);
    });
    const { records } = await checkConnections([one, alike], tools(observer));
    expect(records.map(({ verdict }) => verdict)).toEqual(["failing", "at-risk"]);
  });

  it("takes for out of time what the observer never answers", async () => {
    const observer = scripted(async function* ([first]) {
      yield seen(first);
    });
    const { codes, problems } = await codesOf(observer, "a.test", "b.test", "c.test");
    expect(codes).toEqual(["dns-name-not-found", "out-of-time", "out-of-time"]);
    expect(problems).toEqual([]);
  });

  it("takes a failing observer for a fault of ours, and keeps what it has answered", async () => {
    const observer = scripted(async function* ([first]) {
      yield seen(first);
      throw new Error("the worker\nis gone");
    });
    const { records } = await checkConnections(planned("a.test", "b.test"), tools(observer));
    expect(records.map(({ findings }) => findings.map(({ code }) => code))).toEqual([
      ["dns-name-not-found"],
      ["probe-failed"],
    ]);
    expect(records[1]?.findings[0]?.evidence.seen).toBe("the worker\\u{a}is gone");
  });

  it("ignores what nobody asked for and what comes twice, and tells it as a problem of ours", async () => {
    const observer = scripted(async function* ([first, second]) {
      yield seen(first);
      yield seen(first, noAddress);
      yield { ...seen(second, noAddress), key: "https://other.test:443" };
      yield seen(second, noAddress, "eu-central-1");
      yield seen(second);
      yield seen(second, noAddress);
    });
    const { codes, problems } = await codesOf(observer, "a.test", "b.test");
    expect(codes).toEqual(["dns-name-not-found", "dns-name-not-found"]);
    expect(problems).toMatchObject([{ code: "observations-unusable", scope: null }]);
    expect(problems[0]?.message).toMatch(/^4 observations /);
    const whole = { distributions: 2, connections: planned("a.test", "b.test"), problems: [] };
    const report = reportOf(
      whole,
      { vantages: ["here"], records: [], problems },
      { runId: "r", startedAt: 0, finishedAt: 1_000 },
    );
    expect(report).toMatchObject({ distributions: 2, problems, finishedAt: "1970-01-01T00:00:01.000Z" });
  });

  it("says of a connection of which garbage came that the check failed, and goes on", async () => {
    const observer = scripted(async function* ([first, second]) {
      yield seen(first, {} as Observation);
      yield seen(second);
    });
    const { codes } = await codesOf(observer, "a.test", "b.test");
    expect(codes).toEqual(["probe-failed", "dns-name-not-found"]);
  });

  it("waits a while after the signal for an observer that does not end, and takes what is there by then", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const deadline = new AbortController();
    const observer = scripted(async function* ([first, second], signal) {
      yield seen(first);
      await once(signal, "abort");
      yield seen(second);
      await new Promise(() => undefined);
    });
    const judged: string[] = [];
    const checking = checkConnections(
      planned("a.test", "b.test", "c.test"),
      tools(observer, deadline.signal),
      (record) => judged.push(record.findings.map(({ code }) => code).join()),
    );
    await vi.waitUntil(() => judged.length === 1, { timeout: 60_000 });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(judged).toEqual(["dns-name-not-found"]);
    deadline.abort();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(judged).toEqual(["dns-name-not-found", "dns-name-not-found"]);
    await vi.advanceTimersByTimeAsync(1);
    const { records } = await checking;
    expect(records.at(-1)?.findings.map(({ code }) => code)).toEqual(["out-of-time"]);
  });

  it("waits for every vantage, and does without one that does not answer", async () => {
    const observer = scripted(
      async function* ([first, second]) {
        yield seen(first, notFound, "us-east-1");
        yield seen(first, noAddress, "us-east-1");
        yield seen(second, notFound, "us-east-1");
        yield seen(second, noAddress, "eu-central-1");
      },
      ["eu-central-1", "us-east-1"],
    );
    const observations: (readonly string[])[] = [];
    const onUnusable = vi.fn();
    for await (const each of observeAll(planned("a.test", "b.test", "c.test"), tools(observer), onUnusable)) {
      const from = each.observations.map(({ vantage, observation }) => `${vantage} ${observation.dns.kind}`);
      observations.push([each.planned.connection.domain, ...from]);
    }
    expect(observations).toEqual([
      ["b.test", "eu-central-1 no-address", "us-east-1 name-not-found"],
      ["a.test", "eu-central-1 not-tried", "us-east-1 name-not-found"],
      ["c.test", "eu-central-1 not-tried", "us-east-1 not-tried"],
    ]);
    expect(onUnusable).toHaveBeenCalledTimes(1);
  });

  it("keeps no observation that it has passed on", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const passedOn: WeakRef<Observation>[] = [];
    const turn = () => new Promise((resolve) => void setImmediate(resolve));
    const observer = observerHere("here", {
      ...equipment,
      lookup: async () => {
        await turn();
        return { kind: "name-not-found" };
      },
    });
    const names = Array.from({ length: 50 }, (_, index) => `o${index}.test`);
    let kept = Number.NaN;
    for await (const { observations } of observeAll(planned(...names), tools(observer), () => undefined)) {
      passedOn.push(...observations.map(({ observation }) => new WeakRef(observation)));
      if (passedOn.length < names.length) continue;
      await turn();
      collect();
      kept = passedOn.filter((each) => each.deref() !== undefined).length;
    }
    expect(kept).toBeLessThan(5);
  });
});

describe("recordOf", () => {
  it("says of one connection that it could not be judged, and goes on, where a rule throws", async () => {
    const [good, bad] = planned("a.test", "b.test") as [PlannedConnection, PlannedConnection];
    // What a rule of the whole connection reads and no other part of the program.
    const faulty = {
      ...bad.connection,
      uses: [{ distributionId: "E1", scope: unknownScope, aliases: [], reroutedBy: null }] as never,
    };
    const { records } = await checkConnections([good, { ...bad, connection: faulty }], outOfTime(0));
    expect(records.map(({ connection, verdict }) => [connection.domain, verdict])).toEqual([
      ["a.test", "unknown"],
      ["b.test", "unknown"],
    ]);
    expect(records.map(({ findings }) => findings.map(({ code }) => code))).toEqual([
      ["out-of-time"],
      ["probe-failed"],
    ]);
  });
});

describe("a run without the time for everything", () => {
  it("names the origins that it did not look at, and hands those that the last run left out to the observer", async () => {
    const names = ["a.test", "b.test", "c.test", "d.test", "e.test"];
    const distributions = names.map((name) => distribution({ id: name, origins: [customOrigin(name)] }));
    const [first] = planned("a.test");
    const asked: string[] = [];
    const observer = scripted(async function* (batch) {
      asked.push(...batch.filter(({ leftOut }) => leftOut).map(({ domain }) => domain));
      yield seen(batch[0]);
    });
    const { problems } = await runReport("run-1", {
      configuration: () =>
        Promise.resolve({ kind: "configuration", distributions, policies: noPolicies, problems: [] }),
      includes: () => true,
      clock: () => 0,
      tools: () => ({ ...tools(observer), leftOut: new Set([first?.connection.key ?? ""]) }),
    });
    expect(asked).toEqual(["a.test"]);
    expect(problems.map(({ message }) => message)).toEqual([
      "Time ran out before 4 of 5 connections could be checked: b.test, c.test, d.test and 1 more. The next run begins with them.",
    ]);
  });
});

describe("a run without the time for everything of several accounts", () => {
  const [shop, blog] = ["111122223333", "444455556666"].map((accountId) => ({
    accountId,
    accountName: null,
    partition: "aws",
  }));

  it("says to each of them how much of its own is left, and to nobody else", async () => {
    const names = ["a.test", "b.test", "c.test", "d.test", "shared.test"];
    const owned = names.map((name, index) =>
      distribution({ id: name, origins: [customOrigin(name)], scope: index < 2 ? shop! : blog! }),
    );
    const again = distribution({ id: "again", origins: [customOrigin("shared.test")], scope: shop! });
    const distributions = [...owned, again];
    const observer = scripted(async function* (batch) {
      yield* batch.filter(({ domain }) => domain === "a.test" || domain === "c.test").map((each) => seen(each));
    });
    const { problems } = await runReport("run-1", {
      configuration: () =>
        Promise.resolve({ kind: "configuration", distributions, policies: noPolicies, problems: [] }),
      includes: () => true,
      clock: () => 0,
      tools: () => tools(observer),
    });
    const told = problems.map(({ code, scope, message }) => [code, scope?.accountId, message]);
    expect(told).toEqual([
      [
        "out-of-time",
        shop?.accountId,
        "Time ran out before 2 of 3 connections of this account could be checked: b.test and shared.test. The next run begins with them.",
      ],
      [
        "out-of-time",
        blog?.accountId,
        "Time ran out before 2 of 3 connections of this account could be checked: d.test and shared.test. The next run begins with them.",
      ],
    ]);
  });
});

describe("what a run holds", () => {
  const turn = () => new Promise((resolve) => void setImmediate(resolve));
  const collector = () => {
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc") as () => void;
  };
  const configurationOf = (names: readonly string[]): Configuration => ({
    kind: "configuration",
    distributions: names.map((name) => distribution({ id: name, origins: [customOrigin(name)] })),
    policies: noPolicies,
    problems: [],
  });

  it("is neither the configuration nor the plan of what it has concluded", async () => {
    const collect = collector();
    const names = Array.from({ length: 50 }, (_, index) => `o${index}.test`);
    const configurations: WeakRef<Configuration>[] = [];
    const plans: WeakRef<object>[] = [];
    const kept = { configurations: Number.NaN, plans: Number.NaN };
    const observer = scripted(async function* (batch) {
      for (const connection of batch.slice(1)) yield seen(connection);
      await turn();
      collect();
      kept.configurations = configurations.filter((each) => each.deref() !== undefined).length;
      kept.plans = plans.filter((each) => each.deref() !== undefined).length;
      yield seen(batch[0]);
    });
    await runReport("run-1", {
      configuration: async () => {
        const configuration = configurationOf(names);
        configurations.push(new WeakRef(configuration));
        return configuration;
      },
      includes: () => true,
      clock: () => 0,
      tools: (_, connections) => {
        plans.push(...connections.map(({ connection }) => new WeakRef(connection)));
        return tools(observer);
      },
    });
    expect(plans).toHaveLength(names.length);
    expect(kept.configurations).toBe(0);
    // That of the first, and of what was concluded last.
    expect(kept.plans).toBeLessThan(5);
  });

  it("is little more than a kilobyte of heap for each healthy connection, as the last one is concluded", async () => {
    const collect = collector();
    const root = await createAuthority();
    const leaf = await root.leaf({ names: ["*.load.test"] });
    const certificates = [leaf.certificatePem.replaceAll(/-----[^-]*-----|\s/g, "")];
    const healthy = (address: string): Observation => ({
      dns: { kind: "answered", addresses: [address] },
      addresses: [
        {
          address,
          ms: 12,
          outcome: {
            kind: "handshake-completed",
            transcript: { ...transcript, certificates },
            openssl: { ok: true },
            alpn: null,
            listedVersionsOnly: null,
          },
        },
      ],
      addressesLeftOut: 0,
    });
    let heap = Number.NaN;
    /** As they come from elsewhere, where nothing is the same object twice. */
    async function* answers(keys: readonly string[]) {
      for (const [index, key] of keys.entries()) {
        if (index === keys.length - 1) {
          await turn();
          collect();
          heap = process.memoryUsage().heapUsed;
        }
        const observation = JSON.parse(JSON.stringify(healthy(`192.0.2.${index % 256}`))) as Observation;
        yield { key, vantage: "here", observation };
      }
    }
    const observer: Observer = { vantages: ["here"], observe: (batch) => answers(batch.map(({ key }) => key)) };
    const trusting = { ...policy, now: Date.now(), anchors: trustAnchors([root.certificatePem]) };
    const run = (count: number) =>
      runReport("run-1", {
        configuration: async () => configurationOf(Array.from({ length: count }, (_, index) => `o${index}.load.test`)),
        includes: () => true,
        clock: () => 0,
        tools: () => ({ ...tools(observer), policy: trusting }),
      });
    // What is made once is made before.
    await run(200);
    const before = heap;
    const { records } = await run(10_000);
    expect(records.filter(({ verdict }) => verdict === "healthy")).toHaveLength(10_000);
    expect((heap - before) / records.length).toBeLessThan(1_100);
  });
});

describe("a vantage that reaches nobody", () => {
  const at = (kind: "connect-refused" | "connect-timed-out"): Observation => ({
    dns: { kind: "answered", addresses: ["192.0.2.1"] },
    addresses: [
      {
        address: "192.0.2.1",
        outcome: kind === "connect-refused" ? { kind, attempts: 1 } : { kind, attempts: 3, timeoutMs: 1_000 },
        ms: 1,
      },
    ],
    addressesLeftOut: 0,
  });
  const regions = ["eu-west-1", "us-east-1", "sa-east-1"] as const;
  /** What sa-east-1 sees; the others connect and are refused. */
  const from = (elsewhere: (domain: string) => Observation) =>
    scripted(async function* (batch) {
      for (const connection of batch) {
        for (const region of regions) {
          const own = region === "sa-east-1" ? elsewhere(connection.domain) : at("connect-refused");
          yield seen(connection, own, region);
        }
      }
    }, regions);

  it("is a problem of the run, and makes no origin a risk", async () => {
    const silent = from(() => at("connect-timed-out"));
    const { codes, problems } = await codesOf(silent, "a.test", "b.test", "c.test");
    expect(codes).toEqual(Array.from({ length: 3 }, () => "connection-refused"));
    expect(problems).toMatchObject([{ code: "vantage-without-network", scope: null }]);
    expect(problems[0]?.message).toMatch(/^None of 3 origins answered sa-east-1, /);
  });

  it("is not one that meets anybody, or that has too few origins to tell", async () => {
    const some = from((domain) => at(domain === "a.test" ? "connect-refused" : "connect-timed-out"));
    expect((await codesOf(some, "a.test", "b.test", "c.test", "d.test")).problems).toEqual([]);
    const named = from((domain) => (domain === "a.test" ? notFound : at("connect-timed-out")));
    expect((await codesOf(named, "a.test", "b.test", "c.test", "d.test")).problems).toEqual([]);
    expect(
      (
        await codesOf(
          from(() => at("connect-timed-out")),
          "a.test",
          "b.test",
        )
      ).problems,
    ).toEqual([]);
  });

  it("leaves an origin healthy that others find so", async () => {
    const vantages = ["eu-west-1", "sa-east-1"] as const;
    const accepted: Observation = {
      ...at("connect-refused"),
      addresses: [{ address: "192.0.2.1", outcome: { kind: "connected" }, ms: 1 }],
    };
    const observer = scripted(async function* (batch) {
      for (const connection of batch) {
        yield seen(connection, accepted, "eu-west-1");
        yield seen(connection, at("connect-timed-out"), "sa-east-1");
      }
    }, vantages);
    const http = ["a.test", "b.test", "c.test"].map((name) =>
      distribution({ id: name, origins: [customOrigin(name, { originProtocolPolicy: "http-only" })] }),
    );
    const { records, problems } = await checkConnections([...plan(http, noPolicies).connections], tools(observer));
    expect(records.map(({ verdict, skipped }) => `${verdict} ${skipped}`)).toEqual(
      Array.from({ length: 3 }, () => "skipped http-only"),
    );
    expect(problems).toMatchObject([{ code: "vantage-without-network" }]);
  });
});
