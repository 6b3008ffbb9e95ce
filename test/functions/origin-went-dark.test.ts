import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { type Deployment, deploy, MEMORY_KEY, STATE_BUCKET } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

// Origins that answer and then do not, as a firewall that drops connection requests or a server that is gone: what people
// are told of it, run by run.

const one = "healthy.box.test";
const other = "rsa.box.test";
let assembly: Assembly;
let box: Deployment;

beforeAll(async () => {
  assembly = await synthesise();
});
afterAll(() => assembly.remove());

beforeEach(async () => {
  box = await deploy(assembly);
  const origins = [one, other].map((domain) => customOrigin(domain, portOf(domain), { silent: true }));
  const behaviors = [{ pathPattern: "/other/*", target: other }];
  const outline = { id: "E1BOXDARK00001", comment: "", origins, defaultBehavior: { target: one }, behaviors };
  box.account.aws.setDistributions([distribution(outline, ACCOUNT_ID)]);
});
afterEach(() => box.close());

function portOf(domain: string): number {
  return box.account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
}

/** The subjects of what is published in so many runs, for each run; without the word that Origin Watch works. */
async function subjects(runs = 1): Promise<readonly (readonly string[])[]> {
  const told: string[][] = [];
  for (let run = 0; run < runs; run++) {
    const before = box.account.aws.messages.length;
    await box.handler.invoke();
    const published = box.account.aws.messages.slice(before).map(({ subject }) => subject ?? "");
    told.push(published.filter((subject) => !subject.startsWith("[STARTED]")));
  }
  return told;
}

function mailOf(index: number): string {
  const renderings = JSON.parse(box.account.aws.messages.at(index)?.message ?? "{}") as Readonly<
    Record<string, string>
  >;
  return renderings.email ?? "";
}

const stopped = expect.stringMatching(/^\[AT RISK\] healthy\.box\.test:\d+: stopped answering on port \d+ /);
const fixed = expect.stringMatching(/^\[FIXED\] healthy\.box\.test:\d+, was: stopped answering on por/);
const notChecked = expect.stringMatching(/^\[NOT CHECKED\]/);

describe("an origin that stops answering", () => {
  it("is told in the second run, once, and again when it stops a second time", async () => {
    expect(await subjects()).toEqual([[]]);
    await box.account.silence(one);
    expect(await subjects(3)).toEqual([[], [stopped], []]);
    const today = new Date().toISOString().slice(0, 10);
    const mail = mailOf(-1).replaceAll(/\s+/g, " ");
    expect(mail).toContain(`It last answered on ${today}; no answer since ${today} `);
    expect(mail).toContain("may get 504");
    expect(mail).toContain(
      "Check whether its firewall now admits only CloudFront. If so, this is expected: mute the origin",
    );
    await box.account.repair(one);
    expect(await subjects()).toEqual([[fixed]]);
    await box.account.silence(one);
    expect(await subjects(2)).toEqual([[], [stopped]]);
  });

  it("stays open where what was remembered is lost", async () => {
    await subjects();
    await box.account.silence(one);
    expect(await subjects(2)).toEqual([[], [stopped]]);
    box.account.aws.objects.put(STATE_BUCKET, MEMORY_KEY, "lost");
    expect(await subjects()).toEqual([[]]);
    await box.account.repair(one);
    expect(await subjects()).toEqual([[fixed]]);
  });

  it("is told as what comes and goes where it stops every other time", async () => {
    const told: (readonly string[])[] = [];
    for (let turn = 0; turn < 4; turn++) {
      told.push(...(await subjects()));
      await box.account.silence(one);
      told.push(...(await subjects()));
      await box.account.repair(one);
    }
    expect(told).toEqual([[], [], [], [], [], [], [], [stopped]]);
    // It has to be away for longer than a run now.
    expect(await subjects()).toEqual([[]]);
  });

  it("is not held back by a notice of origins that cannot be checked, nor taken for one", async () => {
    await box.account.silence(other);
    expect(await subjects(2)).toEqual([[], [notChecked]]);
    expect(mailOf(-1)).toContain(other);
    await box.account.silence(one);
    expect(await subjects(3)).toEqual([[], [stopped], []]);
    // And the one that never answered is told when it once did.
    await box.account.repair(other);
    await subjects();
    await box.account.silence(other);
    expect(await subjects(2)).toEqual([
      [],
      [expect.stringMatching(/^\[AT RISK\] rsa\.box\.test:\d+: stopped answering/)],
    ]);
  });
});
