import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptyMemory, leftOutIn } from "../../lambda/memory/memory.ts";
import { parseMemory } from "../../lambda/memory/memory-format.ts";
import { ACCOUNT_ID, accountDistributions } from "../sandbox/account-distributions.ts";
import { type Deployment, deploy, MEMORY_KEY, STATE_BUCKET } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

let assembly: Assembly;

beforeAll(async () => {
  assembly = await synthesise();
});
afterAll(() => assembly.remove());

/** Fails whatever can be seen of the network: CloudFront speaks HTTP only to S3's website endpoints. */
const site = "b.s3-website-us-east-1.amazonaws.com";
const website = distribution(
  { id: "E1WEBSITE00001", comment: "", origins: [customOrigin(site, 443)], defaultBehavior: { target: site } },
  ACCOUNT_ID,
);

/** Each has a box of its own: these runs only wait, so they wait side by side. */
const inBox =
  <Rest extends readonly unknown[]>(play: (box: Deployment, ...rest: Rest) => Promise<void>) =>
  async (...rest: Rest) => {
    const box = await deploy(assembly, { tags: { E1WEBSITE00001: { "origin-watch:mute-until": "2100-01-01" } } });
    try {
      box.account.aws.setDistributions([website]);
      await play(box, ...rest);
    } finally {
      await box.close();
    }
  };

type LogRecord = { readonly message?: string } & Record<string, unknown>;
const records = (logs: readonly string[]) => logs.map((line) => JSON.parse(line) as LogRecord);

describe.concurrent("a run with a call to AWS that hangs", () => {
  it.each([
    ["sns:Publish", "publish"],
    ["s3:PutObject", "write-state"],
  ] as const)(
    "has time left for the log and the metrics, where it is %s",
    inBox(async (box, action: "sns:Publish" | "s3:PutObject", step: string) => {
      box.account.aws.failNext("cloudfront:ListDistributions", "access-denied");
      box.account.aws.failNext(action, "hang", 100);
      const logged = records((await box.handler.invoke({ remainingMs: 30_000 })).logs);
      expect(logged.find(({ message }) => message === "run")).toMatchObject({
        level: "WARN",
        delivery: { failures: expect.arrayContaining([expect.objectContaining({ step })]) },
      });
      expect(logged.find((record) => "_aws" in record)).toMatchObject({ RunCompleted: 1 });
      if (action === "s3:PutObject") expect(box.account.aws.messages).toHaveLength(1);
    }),
  );

  it(
    "tells what it saw, where CloudWatch does not say what CloudFront counted",
    inBox(async (box) => {
      const untagged = { id: "E2WEBSITE00002", comment: "", origins: [customOrigin(site, 443)] };
      box.account.aws.setDistributions([distribution({ ...untagged, defaultBehavior: { target: site } }, ACCOUNT_ID)]);
      box.account.aws.failNext("cloudwatch:GetMetricData", "hang", 100);
      const logged = records((await box.handler.invoke({ remainingMs: 75_000 })).logs);
      expect(box.account.aws.calls.filter(({ action }) => action === "cloudwatch:GetMetricData")).toHaveLength(1);
      const run = logged.find(({ message }) => message === "run");
      expect(run).toMatchObject({ counts: { kind: "asked", answered: 0, error: "time ran out" }, problems: [] });
      expect(subjects(box)).toEqual(["[504"]);
    }),
  );

  it(
    "reads the tags that mute although what it had to look at took all the time for that",
    inBox(async (box) => {
      const domain = "healthy.box.test";
      const port = box.account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
      const healthy = { comment: "", origins: [customOrigin(domain, port)], defaultBehavior: { target: domain } };
      box.account.aws.setDistributions([website, distribution({ id: "E1HEALTHY00001", ...healthy }, ACCOUNT_ID)]);
      box.account.aws.failNext("cloudfront:ListOriginRequestPolicies", "hang", 100);
      const { logs } = await box.handler.invoke({ remainingMs: 75_000 });
      const connections = records(logs).filter(({ message }) => message === "connection");
      expect(connections).toMatchObject([{ verdict: "failing" }, { verdict: "unknown" }]);
      expect(subjects(box)).toEqual(["[PROBLEM", "[MUTED"]);
      expect(messages(box)[0]?.message).toContain("healthy.box.test:");

      // What had no time is where the next run begins, and is forgotten when that had time for it.
      expect(remembered(box)).toEqual([[expect.stringContaining("healthy.box.test"), 1]]);
      await box.handler.invoke({ remainingMs: 75_000 });
      expect(subjects(box)).toEqual(["[PROBLEM", "[MUTED", "[NOT CHECKED"]);
      expect(messages(box)[2]?.message).toContain("healthy.box.test");
      expect(remembered(box)).toEqual([[expect.stringContaining("healthy.box.test"), 2]]);
      box.account.aws.clearFaults();
      await box.handler.invoke();
      expect(remembered(box)).toEqual([]);
    }),
  );
});

describe.concurrent("the run after one that ran out of time", () => {
  it(
    "begins with what had no time",
    inBox(async (box) => {
      const port = (domain: string) => box.account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
      box.account.aws.setDistributions(accountDistributions(port));
      const { logs } = await box.handler.invoke();
      const asked = () => box.account.dns.queries().filter((query) => query.startsWith("A "));
      const first = asked();
      const late = first.at(-1)?.slice("A ".length) ?? "";
      const leftOut = records(logs).flatMap(({ message, connection }) => {
        const { key, domain } = (connection ?? {}) as { readonly key?: string; readonly domain?: string };
        return message === "connection" && domain === late ? [{ key, runs: 1 }] : [];
      });
      const accounts = { [`aws:${ACCOUNT_ID}`]: { leftOut, unanswered: [] } };
      box.account.aws.objects.put(STATE_BUCKET, MEMORY_KEY, JSON.stringify({ ...emptyMemory, accounts }));
      await box.handler.invoke();
      expect(first[0]).not.toBe(`A ${late}`);
      expect(asked()[first.length]).toBe(`A ${late}`);
    }),
  );
});

/** Without the first message after deployment. */
const messages = (box: Deployment) =>
  box.account.aws.messages.filter(({ subject }) => subject?.startsWith("[STARTED]") !== true);
const subjects = (box: Deployment) => messages(box).map(({ subject }) => subject?.split("]")[0]);

/** What the last run had no time for, and for how many runs that has been so. */
function remembered(box: Deployment) {
  const stored = box.account.aws.objects.versions(STATE_BUCKET, MEMORY_KEY).at(-1)?.body.toString() ?? "";
  const parsed = parseMemory(stored);
  return parsed.kind === "memory" ? [...leftOutIn(parsed.memory)] : parsed;
}
