import { afterAll, beforeAll, expect, it } from "vitest";
import { parseState } from "../../lambda/incidents/state-format.ts";
import { startDeafOrigin } from "../sandbox/deaf-origin.ts";
import { STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";
import { fleetDistributions } from "../sandbox/fleet.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { Listener } from "../sandbox/listener.ts";
import { logged, type OrganizationBox, openOrganization, routed, type Told } from "./organization-box.ts";

// One account of an organization has thousands of origins that fail, hundreds of them black holes at the address of its neighbours.

const [hostile, shop, blog] = ["666666666666", "111111111111", "222222222222"] as const;
const refusing = 5_500;
const holes = 500;
/** No origin takes so long but a black hole, for which there is never enough. */
const secondsToObserve = 20;

let assembly: Assembly;
let box: OrganizationBox;
let hole: Listener;

beforeAll(async () => {
  assembly = await synthesise({ muteTags: "false", viewerErrors: "off" });
  box = await openOrganization(assembly, 20);
  const deaf = await startDeafOrigin();
  if (deaf === null) throw new Error("This system answers all connection requests");
  hole = deaf;
});
afterAll(async () => {
  await Promise.all([box.close(), hole.close()]);
  assembly.remove();
});

/** Where the black holes are. */
function holesAt(address: string): void {
  box.account.dns.set("*.hole.hostile.test", { A: [address] });
}

type Connection = { readonly verdict: string; readonly connection: { readonly domain: string } };

/** What a run says of the origins of the others. */
function judged(logs: readonly string[]): Readonly<Record<string, string>> {
  const all = logged<Connection>(logs, "connection").filter(({ connection }) =>
    connection.domain.endsWith(".box.test"),
  );
  return Object.fromEntries(all.map(({ verdict, connection }) => [connection.domain, verdict]));
}

/** Nobody hears of the others. */
function expectEachItsOwn(told: readonly Told[]): void {
  const ofHostile = told.filter(({ accountIds }) => accountIds.includes(hostile));
  for (const { accountIds, whole } of ofHostile) {
    expect(accountIds).toEqual([hostile]);
    expect(whole).not.toMatch(/111111111111|222222222222|box\.test/);
  }
  for (const { whole } of told.filter((each) => !ofHostile.includes(each))) {
    expect(whole).not.toMatch(/666666666666|hostile/);
  }
}

function state() {
  const parsed = parseState(box.account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1)!.body.toString());
  if (parsed.kind !== "state") throw new Error(parsed.problem);
  return parsed.state;
}

it("costs no other account a check or an alert, in this run or the next", async () => {
  // First in the list, and so in the plan.
  for (let place = 0; place < 50; place++) {
    box.account.dns.set(`*.r${place}.hostile.test`, { A: [`127.66.0.${place + 1}`] });
  }
  holesAt(hole.address);
  const origins = [
    ...Array.from({ length: holes }, (_, index) => ({ name: `o${index}.hole.hostile.test`, port: hole.port })),
    ...Array.from({ length: refusing }, (_, index) => ({
      name: `o${index}.r${index % 50}.hostile.test`,
      port: 65_000,
    })),
  ];
  box.member(hostile, "hostile").inventory = { distributions: fleetDistributions(origins, hostile) };
  box.member(shop, "shop", "expired.box.test", "healthy.box.test");
  box.member(blog, "blog", "self-signed.box.test", "incomplete.box.test");

  const first = await box.run({ remainingMs: 60_000 + secondsToObserve * 1_000 });
  expect(judged(first.logs)).toEqual({
    "expired.box.test": "failing",
    "healthy.box.test": "healthy",
    "self-signed.box.test": "failing",
    "incomplete.box.test": "failing",
  });
  expect(routed(first.told).toSorted()).toEqual([
    `[502] expired.box.test ${shop}`,
    `[502] incomplete.box.test ${blog}`,
    `[502] self-signed.box.test ${blog}`,
    `[PROBLEM] Origin ${hostile}`,
  ]);
  expectEachItsOwn(first.told);
  const [problem] = first.told.filter(({ accountIds }) => accountIds.includes(hostile));
  expect(problem?.email).toMatch(/Time ran out before \d+ of 6000 connections of this account could be checked: o/);

  // Then all of it fails, and is remembered beside what the others have.
  holesAt("127.66.0.1");
  await box.account.repair("expired.box.test");
  const second = await box.run();
  expect(judged(second.logs)).toMatchObject({ "expired.box.test": "healthy", "self-signed.box.test": "failing" });
  expect(routed(second.told)).toContain(`[FIXED] expired.box.test ${shop}`);
  expect(routed(second.told).filter((each) => each.includes(blog))).toEqual([]);
  expectEachItsOwn(second.told);
  const { incidents, suspicions } = state();
  expect(incidents.filter(({ scopes }) => scopes.some(({ accountId }) => accountId === blog))).toHaveLength(2);
  const ofHostile = [...incidents, ...suspicions].filter(({ key }) => key.includes("hostile.test"));
  expect(new Set(ofHostile.map(({ key }) => key)).size).toBe(refusing + holes);
});
