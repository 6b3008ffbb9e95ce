import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Incident, State } from "../../lambda/incidents/state.ts";
import { emptyMemory } from "../../lambda/memory/memory.ts";
import { isAllowed, unusedActions } from "../lib/iam.ts";
import { type Deployment, deploy, FUNCTIONS, MEMORY_KEY, rightsOf, STATE_BUCKET, STATE_KEY } from "./deployment.ts";
import { type Assembly, synthesise } from "./lambda/assembly.ts";

let assembly: Assembly;
/** In which tags may mute. */
let muting: Assembly;
beforeAll(async () => {
  [assembly, muting] = await Promise.all([synthesise(), synthesise({ muteTags: true })]);
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
      expect(value).toMatchObject({ connections: 30, messages: 1 });
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
      isAllowed: (action, resource) => isAllowed(rights, { action, resource }),
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
});
