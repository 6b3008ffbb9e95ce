import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { BOARD_KEY, deploy, STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

// What a person gets from the deployment on, and after a new installation on an old bucket, as the pages say.

let assembly: Assembly;
beforeAll(async () => {
  assembly = await synthesise();
});
afterAll(() => assembly.remove());

const failing = "expired.box.test";
const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
/** The rows of the table, from the deployment on: what happened before a run, and the tags of the messages that it sends. */
const rows = [
  ...(page.split("## First hour")[1]?.split("\n## ")[0] ?? "").matchAll(/^ *\| (\d+) \| ([^|]+) \| ([^|]+) \|/gm),
];

/** A box with one origin that fails and one that is healthy. */
async function small() {
  const box = await deploy(assembly);
  const { account } = box;
  const origins = [failing, "healthy.box.test"].map((domain) => {
    const port = account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
    return customOrigin(domain, port);
  });
  const outline = { id: "E1FIRSTHOUR001", comment: "", origins, defaultBehavior: { target: failing } };
  const behaviors = [{ pathPattern: "/healthy/*", target: "healthy.box.test" }];
  account.aws.setDistributions([distribution({ ...outline, behaviors }, ACCOUNT_ID)]);
  const tags = async () => {
    const before = account.aws.messages.length;
    await box.handler.invoke();
    return account.aws.messages.slice(before).map(({ subject = "" }) => subject.slice(0, subject.indexOf("]") + 1));
  };
  return { ...box, tags };
}

it("docs/operations.md says what is sent in the first hour, run by run", async () => {
  expect(rows.length).toBeGreaterThan(4);
  const box = await small();
  try {
    const { aws } = box.account;
    for (const [, run, before = "", told = ""] of rows) {
      aws.setUnconfirmedSubscriptions(/not confirmed/.test(before) ? 1 : 0);
      if (/repaired/.test(before)) await box.account.repair(failing);
      const expected = [...told.matchAll(/`(\[[^\]]+\])/g)].map(([, tag]) => tag);
      expect([run, ...(await box.tags())]).toEqual([run, ...expected]);
      // From the first run on there is a board.
      expect(aws.objects.versions(STATE_BUCKET, BOARD_KEY).length).toBe(Number(run));
    }
  } finally {
    await box.close();
  }
});

it("docs/uninstall.md: a new installation with the state of the old one goes on where that stopped", async () => {
  const old = await small();
  expect(await old.tags()).toEqual(["[STARTED]", "[502]"]);
  const state = old.account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1)?.body ?? Buffer.alloc(0);
  await old.close();
  const box = await small();
  try {
    box.account.aws.objects.put(STATE_BUCKET, STATE_KEY, state);
    // The ports of the box are others than before, so the origins are too: those of the old one are closed, not fixed.
    const told = await box.tags();
    expect(told).not.toContain("[STARTED]");
    expect(told).not.toContain("[FIXED]");
  } finally {
    await box.close();
  }
});
