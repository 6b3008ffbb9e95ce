import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseBoard } from "../../lambda/board/board-format.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { BOARD_KEY, STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import { logged, type OrganizationBox, openOrganization, routed } from "./organization-box.ts";

// One watch of an organization with nobody in it, with one account, and with thousands.

const broken = "expired.box.test";
let assembly: Assembly;
let box: OrganizationBox;

beforeAll(async () => {
  assembly = await synthesise({ muteTags: "false", viewerErrors: "off" });
});
afterAll(() => assembly.remove());

beforeEach(async () => {
  box = await openOrganization(assembly, 20);
});
afterEach(() => box.close());

type RunRecord = Pick<RunReport, "problems"> & {
  readonly problemsBesides?: number;
  readonly accounts?: { readonly watched: number; readonly read: number; readonly leftOut: number };
};
const runOf = (logs: readonly string[]) => logged<RunRecord>(logs, "run")[0];

/** The accounts that the problems of a run are about; what its record does not hold has records of its own. */
function problemsIn(logs: readonly string[]): readonly (string | null | undefined)[] {
  const { problems, problemsBesides = 0 } = runOf(logs)!;
  const besides = logged<{ scope: { accountId: string } }>(logs, "problem");
  expect(besides).toHaveLength(problemsBesides);
  return [...problems, ...besides].map(({ scope }) => scope?.accountId);
}

/** Who was asked in the last run, in this order. */
function assumedSince(calls: number): readonly string[] {
  const all = box.account.aws.calls.slice(calls);
  return all.flatMap(({ action, account }) => (action === "sts:AssumeRole" ? [account] : []));
}

it("an organization with nobody but the hub is what one account is", async () => {
  box.account.aws.setDistributions([box.using(broken, ACCOUNT_ID)]);
  box.member(ACCOUNT_ID, "hub");
  const { told, logs } = await box.run();
  expect(routed(told)).toEqual([`[502] ${broken} ${ACCOUNT_ID}`]);
  expect(runOf(logs)).toMatchObject({ problems: [] });
  expect(assumedSince(0)).toEqual([]);
});

it("an organization with one account more reads that one too", async () => {
  const [only] = ["111111111111"];
  box.member(only, "only", broken);
  const { told, logs } = await box.run();
  expect(routed(told)).toEqual([`[502] ${broken} ${only}`]);
  expect(runOf(logs)).toMatchObject({ problems: [], accounts: { watched: 2, read: 2 } });
});

describe("an organization with 5,000 accounts", () => {
  const count = 5_000;
  const idAt = (index: number) => String(300_000_000_000 + index);
  const isDenied = (index: number) => index % 3 === 0;
  const denied = Array.from({ length: count }, (_, index) => index).filter(isDenied);
  /** The last one of the list, which is read. */
  const last = idAt(count - 1);

  it("reads what there is time for and says what is left, begins with that, and tells of all that deny in one text", async () => {
    for (let index = 0; index < count; index++) {
      const member = box.member(idAt(index), `team ${index}`, ...(idAt(index) === last ? [broken] : []));
      if (isDenied(index)) member.roles.clear();
    }
    // A run has a minute for alerts, and half of what is left for reading: here some seconds.
    const short = await box.run({ remainingMs: 68_000 });
    const first = runOf(short.logs);
    const { read = 0, watched, leftOut = 0 } = first?.accounts ?? {};
    expect(watched).toBe(count + 1);
    expect(leftOut).toBeGreaterThan(0);
    const asked = assumedSince(0);
    // Those that were being read when the time was over are left out too: ten are read side by side.
    const cutOff = asked.length + 1 + leftOut - (count + 1);
    expect(cutOff).toBeGreaterThanOrEqual(0);
    expect(cutOff).toBeLessThanOrEqual(10);
    const toldOf = new Set(problemsIn(short.logs).filter((id) => typeof id === "string" && id !== ACCOUNT_ID));
    expect(read + toldOf.size).toBe(asked.length + 1 - cutOff);
    const left = short.told.find(({ email }) => email.includes("Time ran out"));
    expect(left?.email).toContain(`Time ran out before the distributions of ${leftOut} of ${count + 1} accounts`);
    expect(left?.accountIds).toEqual([ACCOUNT_ID]);

    const before = box.account.aws.calls.length;
    // However long it takes here: the five minutes of a run are those of a machine that does nothing else.
    const whole = await box.run({ timeoutMs: 3_600_000 });
    const begun = assumedSince(before).slice(0, leftOut);
    expect(begun.filter((id) => asked.includes(id)).length).toBeLessThanOrEqual(cutOff);
    expect(runOf(whole.logs)?.accounts).toEqual({ watched: count + 1, read: count + 1 - denied.length, leftOut: 0 });
    expect(whole.told.length).toBeLessThan(10);
    const [all, ...others] = whole.told.filter(({ email }) => email.includes("could not be assumed"));
    expect(others).toEqual([]);
    const fresh = denied.length - toldOf.size;
    expect(all?.email).toContain(`Not every origin in ${fresh} accounts was checked in this run.`);
    expect(all?.accountIds).toHaveLength(Math.min(fresh, 1_000));
    expect(all?.whole.length).toBeLessThan(40_000);
    expect(routed(whole.told)).toContain(`[502] ${broken} ${last}`);

    // What the log of a run holds is bounded, and nothing is missing.
    for (const line of whole.logs) expect(Buffer.byteLength(line)).toBeLessThan(256 * 1024);
    expect(new Set(problemsIn(whole.logs))).toEqual(new Set(denied.map(idAt)));
    const board = parseBoard(
      gunzipSync(box.account.aws.objects.versions(STATE_BUCKET, BOARD_KEY).at(-1)!.body).toString(),
    );
    expect(board).toMatchObject({ board: { problemsLeftOut: denied.length - 100 } });

    // Nobody is told again, and what is open in an account for which there was no time stays open.
    await box.account.repair(broken);
    for (let index = 40; index < count - 1; index++) box.organization.accounts.delete(idAt(index));
    for (let index = 0; index < 40; index++) {
      box.account.aws.failNext("cloudfront:ListDistributions", "hang", 1, idAt(index));
    }
    expect((await box.run({ remainingMs: 61_000 })).told.filter(({ subject }) => subject.includes(broken))).toEqual([]);
    expect(box.account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1)!.body.toString()).toContain(broken);
    box.account.aws.clearFaults();
    expect(routed((await box.run()).told)).toContain(`[FIXED] ${broken} ${last}`);
  });
});
