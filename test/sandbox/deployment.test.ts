import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Incident, State } from "../../lambda/incidents/state.ts";
import { emptyMemory, type Memory } from "../../lambda/memory/memory.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { isAllowed, unusedActions } from "../lib/iam.ts";
import { type Deployment, deploy, FUNCTIONS, MEMORY_KEY, rightsOf, STATE_BUCKET, STATE_KEY } from "./deployment.ts";
import { customOrigin, distribution } from "./distributions.ts";
import { type Assembly, synthesise } from "./lambda/assembly.ts";

let assembly: Assembly;
/** In which functions are read. */
let muting: Assembly;
beforeAll(async () => {
  [assembly, muting] = await Promise.all([synthesise(), synthesise({ readFunctions: true })]);
});
afterAll(() => {
  for (const each of [assembly, muting]) each.remove();
});

async function withBox(box: Deployment, act: (box: Deployment) => Promise<void>): Promise<void> {
  try {
    await act(box);
  } finally {
    await box.close();
  }
}

describe("the function that watches, as the template describes it", () => {
  it("does a whole run with the rights and the environment that it gets", async () => {
    await withBox(await deploy(assembly), async ({ account, handler }) => {
      const { definition } = handler;
      expect(definition).toMatchObject({ handler: "index.handler", timeoutMs: 300_000, memoryMb: 512 });
      const { value, logs } = await handler.invoke();
      expect(value).toMatchObject({ connections: 30, messages: 2 });
      expect(account.aws.calls.filter(({ status }) => status === 403)).toEqual([]);
      // Whatever reads the log reads JSON: an unexpected warning of Node would be a line that no query finds.
      const records = logs.map((line) => JSON.parse(line) as { message?: string });
      expect(records.filter(({ message }) => message === "connection")).toHaveLength(30);
      expect(records.filter(({ message }) => message === "run")).toHaveLength(1);
    });
  });

  // Elsewhere the system does not tell.
  it.runIf(process.platform === "linux")("needs less than half of its memory for it, warm as cold", async () => {
    await withBox(await deploy(assembly), async ({ handler }) => {
      for (const run of ["cold", "warm"]) {
        const { peakMemoryMb } = await handler.invoke();
        expect([run, peakMemoryMb]).toEqual([run, expect.any(Number)]);
        expect(peakMemoryMb).toBeGreaterThan(40);
        expect(peakMemoryMb).toBeLessThan(handler.definition.memoryMb / 2);
      }
    });
  });

  it("needs every right that it has", async () => {
    await withBox(await deploy(assembly), async ({ account, handler }) => {
      await handler.invoke();
      await account.repair("expired.box.test");
      await handler.invoke();
      account.aws.objects.put(STATE_BUCKET, STATE_KEY, "not a state");
      const silent = { "aws:123456789012": { leftOut: [], unanswered: ["203.0.113.7 443"] } };
      account.aws.objects.put(STATE_BUCKET, MEMORY_KEY, JSON.stringify({ ...emptyMemory, accounts: silent }));
      await handler.invoke();
      expect(account.aws.calls.filter(({ status }) => status === 403)).toEqual([]);
      expect(account.aws.messages.length).toBeGreaterThanOrEqual(3);
      // Made by Lambda and by S3 themselves: log writes, failed runs, and the check for 404 in place of 403.
      const byTheService = ["logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage", "s3:ListBucket"];
      const unused = unusedActions(rightsOf(assembly, FUNCTIONS.watch), account.aws.calls);
      expect(unused.toSorted()).toEqual(byTheService.toSorted());
    });
  });

  it("needs s3:ListBucket: without it a first run cannot tell a missing state from a forbidden one", async () => {
    const rights = rightsOf(assembly, FUNCTIONS.watch).map((statement) =>
      statement.actions.includes("s3:ListBucket") ? { ...statement, effect: "Deny" as const } : statement,
    );
    const box = await deploy(assembly, {
      isAllowed: (action, resource, region) => isAllowed(rights, { action, resource, region }),
    });
    await withBox(box, async ({ account, handler }) => {
      await handler.invoke();
      expect(account.aws.messages.at(-1)?.message).toContain("state");
      expect(account.aws.objects.versions(STATE_BUCKET, STATE_KEY)).toEqual([]);
    });
  });

  it("reads tags, where they may mute", async () => {
    const tags = { E1BOXSHOP00001: { "origin-watch:mute-until": "2100-01-01" } };
    await withBox(await deploy(muting, { tags }), async ({ account, handler }) => {
      await handler.invoke();
      const asked = account.aws.calls.filter(({ action }) => action === "cloudfront:ListTagsForResource");
      expect(asked.length).toBeGreaterThan(3);
      for (const { resource, status } of asked) {
        expect([resource, status]).toEqual([
          expect.stringMatching(/^arn:aws:cloudfront::123456789012:distribution\//),
          200,
        ]);
      }
      const stored = account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1);
      const { incidents } = JSON.parse(stored?.body.toString() ?? "") as State;
      const isMuted = ({ distributions }: Incident) => distributions.every((id) => id === "E1BOXSHOP00001");
      expect(incidents.filter(isMuted).length).toBeGreaterThan(1);
      for (const incident of incidents) {
        expect([incident.key, incident.tellings]).toEqual([incident.key, isMuted(incident) ? 0 : 1]);
      }
    });
  });

  it("reads the code of functions, where it may, once a day, and remembers what they can do", async () => {
    const arn = (name: string) => `arn:aws:cloudfront::123456789012:function/${name}`;
    const functions = {
      [arn("choose")]: "import cf from 'cloudfront';\nfunction handler(event) { cf.updateRequestOrigin({}); }",
      [arn("rewrite")]: "function handler(event) { return event.request; }",
    };
    await withBox(await deploy(muting, { functions }), async ({ account, handler }) => {
      const port = account.origins.find(({ domain }) => domain === "expired.box.test")?.port ?? 0;
      const behind = (id: string, name: string, attempts: number) => {
        const origin = { ...customOrigin("expired.box.test", port), ConnectionAttempts: attempts };
        const outline = { id, comment: "", origins: [origin], defaultBehavior: { target: "expired.box.test" } };
        const base = distribution(outline, "123456789012");
        const Items = [{ FunctionARN: arn(name), EventType: "viewer-request" as const }];
        const DefaultCacheBehavior = { ...base.DefaultCacheBehavior!, FunctionAssociations: { Quantity: 1, Items } };
        return { ...base, DefaultCacheBehavior };
      };
      // Different attempts make them different connections.
      account.aws.setDistributions([behind("E1CHOOSE", "choose", 2), behind("E2REWRITE", "rewrite", 1)]);
      const seen = async () => {
        const { logs } = await handler.invoke();
        const records = logs.map((line) => JSON.parse(line) as { message?: string });
        const connections = records.filter(({ message }) => message === "connection") as unknown as ConnectionRecord[];
        return Object.fromEntries(
          connections.map(({ uses, findings }) => [
            uses[0]?.distributionId,
            findings.map(({ code, effect }) => `${code} ${effect}`).toSorted(),
          ]),
        );
      };
      const E2REWRITE = ["certificate-expired 502"];
      expect(await seen()).toEqual({
        E1CHOOSE: ["certificate-expired may", "edge-function-may-reroute note", "placeholder-origin note"],
        E2REWRITE,
      });
      const asked = () => account.aws.calls.filter(({ action }) => action === "cloudfront:GetFunction");
      expect(asked().map(({ resource, status }) => [resource, status])).toEqual([
        [arn("choose"), 200],
        [arn("rewrite"), 200],
      ]);
      // It passed on an earlier day.
      const stored = account.aws.objects.versions(STATE_BUCKET, MEMORY_KEY).at(-1)?.body.toString() ?? "";
      const memory = JSON.parse(stored) as Memory;
      const own = memory.accounts["aws:123456789012"]!;
      expect(Object.values(own.functions ?? {}).map(({ code }) => code)).toEqual(["may-choose-origin", "passes-on"]);
      expect(own.origins[`expired.box.test:${port}`]).not.toHaveProperty("passedOn");
      const origins = { [`expired.box.test:${port}`]: { answeredOn: "2026-11-02", passedOn: "2026-11-02" } };
      const accounts = { "aws:123456789012": { ...own, origins } };
      account.aws.objects.put(STATE_BUCKET, MEMORY_KEY, JSON.stringify({ ...memory, accounts }));
      expect(await seen()).toEqual({
        E1CHOOSE: ["certificate-expired 502", "edge-function-may-reroute note"],
        E2REWRITE,
      });
      expect(asked()).toHaveLength(2);
      const unused = unusedActions(rightsOf(muting, FUNCTIONS.watch), account.aws.calls);
      expect(unused).not.toContain("cloudfront:GetFunction");
      expect(account.aws.calls.filter(({ status }) => status === 403)).toEqual([]);
    });
  });
});
