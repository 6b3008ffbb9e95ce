import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mostLoggedWhole } from "../../lambda/memory/logged.ts";
import { parseMemory } from "../../lambda/memory/memory-format.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { type Deployment, deploy, MEMORY_KEY, STATE_BUCKET } from "../sandbox/deployment.ts";
import { customOrigin, distribution, s3Origin } from "../sandbox/distributions.ts";
import { loggedRun } from "../sandbox/fleet.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

// What goes to the log of an account of more than 5,000 connections. Most of them are buckets, because these cost no handshake.

let assembly: Assembly;
let box: Deployment;
beforeAll(async () => {
  assembly = await synthesise();
  box = await deploy(assembly);
});
afterAll(async () => {
  await box.close();
  assembly.remove();
});

const broken = "expired.box.test";
const healthy = "healthy.box.test";
const quarter = 15 * 60_000;

function distributions(buckets: number) {
  const servers = [broken, healthy].map((domain) => {
    const port = box.account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
    return customOrigin(domain, port);
  });
  const names = Array.from({ length: buckets }, (_, index) => `b${index}.s3.us-east-1.amazonaws.com`);
  const each = 100;
  return [
    distribution(
      {
        id: "E1SERVERS",
        comment: "",
        origins: servers,
        defaultBehavior: { target: broken },
        behaviors: [{ pathPattern: "/healthy/*", target: healthy }],
      },
      ACCOUNT_ID,
    ),
    ...Array.from({ length: Math.ceil(buckets / each) }, (_, index) => {
      const [first = "", ...others] = names.slice(index * each, (index + 1) * each);
      const origins = [first, ...others].map((name) => s3Origin(name));
      const behaviors = others.map((target) => ({ pathPattern: `/${target}/*`, target }));
      return distribution(
        { id: `E1BUCKETS${index}`, comment: "", origins, defaultBehavior: { target: first }, behaviors },
        ACCOUNT_ID,
      );
    }),
  ];
}

type Line = { readonly message?: string; readonly origin?: string; readonly verdict?: string };

/** A run so much later than now: what it logged of servers, and of how much else. */
async function runAt(clockAheadMs: number) {
  const { logs } = await box.handler.invoke({ clockAheadMs });
  const lines = logs.map((line) => JSON.parse(line) as Line & { readonly unlogged?: number });
  const of = (message: string) => lines.filter((line) => line.message === message);
  const words = ({ origin = "", verdict }: Line) => `${origin.split(".")[0]} ${verdict}`;
  const notBuckets = (message: string) => of(message).filter(({ origin = "" }) => !origin.includes(".s3."));
  const { keys, connections } = loggedRun(logs);
  expect(notBuckets("origin").map(words).toSorted()).toEqual(notBuckets("connection").map(words).toSorted());
  expect(of("origin")).toHaveLength(keys.length);
  const { unlogged } = of("run")[0] ?? {};
  return { servers: notBuckets("origin").map(words), logged: keys.length, unlogged, connections };
}

function memory() {
  const parsed = parseMemory(String(box.account.aws.objects.versions(STATE_BUCKET, MEMORY_KEY).at(-1)?.body));
  return parsed.kind === "memory" ? parsed.memory : null;
}

function remember(changed: object) {
  box.account.aws.objects.put(STATE_BUCKET, MEMORY_KEY, JSON.stringify(changed));
}

const all = mostLoggedWhole + 1;

describe("the log of an account", () => {
  it("has everything of each run up to 5,000 connections, and says nothing of what it left out", async () => {
    box.account.aws.setDistributions(distributions(mostLoggedWhole - 2));
    const expected = { servers: ["expired failing", "healthy healthy"], logged: mostLoggedWhole };
    expect(await runAt(0)).toEqual({ ...expected, connections: mostLoggedWhole, unlogged: undefined });
    expect(memory()).not.toHaveProperty("logged");
    expect(await runAt(quarter)).toMatchObject({ ...expected, unlogged: undefined });
  });

  it("has beyond them what is not healthy, and what is so again, and everything once a day", async () => {
    box.account.aws.setDistributions(distributions(mostLoggedWhole - 1));
    const whole = { logged: all, connections: all, unlogged: 0 };
    const none = { servers: [], logged: 0, connections: all, unlogged: all };
    const one = { logged: 1, connections: all, unlogged: all - 1 };
    expect(await runAt(2 * quarter)).toEqual({ ...whole, servers: ["expired failing", "healthy healthy"] });
    expect(await runAt(3 * quarter)).toEqual({ ...one, servers: ["expired failing"] });
    await box.account.repair(broken);
    expect(await runAt(4 * quarter)).toEqual({ ...one, servers: ["expired healthy"] });
    expect(await runAt(5 * quarter)).toEqual(none);
    // The one in between could not store its memory, so nobody knows what it logged.
    box.account.aws.failNext("s3:PutObject", "access-denied", 10);
    expect(await runAt(6 * quarter)).toEqual(none);
    box.account.aws.clearFaults();
    expect(await runAt(7 * quarter)).toMatchObject(whole);
  });

  it("has everything 23 hours after it had, and where the memory is gone", async () => {
    expect((await runAt(8 * quarter)).logged).toBe(0);
    const { logged, ...rest } = memory() ?? {};
    const everythingAt = new Date(Date.parse(logged?.everythingAt ?? "") - 23 * 4 * quarter).toISOString();
    remember({ ...rest, logged: { ...logged, everythingAt } });
    expect(await runAt(9 * quarter)).toMatchObject({ logged: all, unlogged: 0 });
    expect((await runAt(10 * quarter)).logged).toBe(0);
    remember(rest);
    expect(await runAt(11 * quarter)).toMatchObject({ logged: all, unlogged: 0 });
  });
});
