import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import { afterEach, describe, expect, it } from "vitest";
import { cloudFrontClient, readAccount } from "../../lambda/aws/cloudfront.ts";
import { type KnownFunctions, mostFunctionsRead } from "../../lambda/aws/functions.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { type AwsEndpoint, type AwsEndpointOptions, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";

const account = "123456789012";
const arn = (name: string) => `arn:aws:cloudfront::${account}:function/${name}`;
const harmless = "function handler(event) { return event.request; }";
const choosing = "import cf from 'cloudfront';\nfunction handler(event) { cf.selectRequestOriginById('b'); }";
const answering = "function handler(event) { return { statusCode: 302 }; }";
const today = "2026-11-27";
const nothing: KnownFunctions = { today, readings: new Map() };

let aws: AwsEndpoint | undefined;
afterEach(() => aws?.close());

function withFunctions(id: string, names: readonly string[], parts: Partial<DistributionSummary> = {}) {
  const outline = {
    id,
    comment: "",
    origins: [customOrigin("api.test", 443)],
    defaultBehavior: { target: "api.test" },
  };
  const base = distribution(outline, account);
  const Items = names.map((name) => ({ FunctionARN: arn(name), EventType: "viewer-request" as const }));
  return {
    ...base,
    ...parts,
    DefaultCacheBehavior: {
      ...base.DefaultCacheBehavior!,
      FunctionAssociations: { Quantity: Items.length, Items },
    },
  };
}

async function read(options: AwsEndpointOptions, known: KnownFunctions | null = nothing) {
  aws = await startAwsEndpoint(options);
  const client = cloudFrontClient({
    ...aws.client,
    maxAttempts: 1,
  });
  const inventory = await readAccount(client, undefined, undefined, known);
  client.destroy();
  if (inventory.kind !== "configuration") throw new Error(inventory.message);
  const { connections } = plan(inventory.distributions, inventory.policies);
  const uses = connections.flatMap(({ connection }) => connection.uses);
  const asked = aws.calls.filter(({ action }) => action === "cloudfront:GetFunction");
  return { ...inventory, uses, asked: asked.map(({ resource, status }) => `${resource} ${status}`) };
}

describe("the code of functions", () => {
  it("is read once for each function that is in use, and decides whether one stands before the origin", async () => {
    const { uses, asked, functions, problems } = await read({
      distributions: [
        withFunctions("E1", ["harmless"]),
        withFunctions("E2", ["choosing"]),
        withFunctions("E3", ["answering"]),
        withFunctions("E4", ["harmless"]),
        withFunctions("E5", ["off"], { Enabled: false }),
      ],
      functions: { [arn("harmless")]: harmless, [arn("choosing")]: choosing, [arn("answering")]: answering },
    });
    expect(problems).toEqual([]);
    expect(asked).toEqual([`${arn("harmless")} 200`, `${arn("choosing")} 200`, `${arn("answering")} 200`]);
    expect(
      uses.map((use) => [use.distributionId, use.reroutedBy.length, use.functionsBefore?.functions[0]?.code]),
    ).toEqual([
      ["E1", 0, undefined],
      ["E2", 1, "may-choose-origin"],
      ["E3", 0, "may-answer"],
      ["E4", 0, undefined],
      ["E5", 1, undefined],
    ]);
    expect(functions).toEqual(
      new Map([
        [arn("harmless"), { readOn: today, code: "passes-on" }],
        [arn("choosing"), { readOn: today, code: "may-choose-origin" }],
        [arn("answering"), { readOn: today, code: "may-answer" }],
      ]),
    );
  });

  it("is not asked for unless somebody wants it", async () => {
    const { asked, functions, uses } = await read({ distributions: [withFunctions("E1", ["harmless"])] }, null);
    expect([asked, functions]).toEqual([[], undefined]);
    expect(uses[0]?.functionsBefore?.functions).toHaveLength(1);
  });

  it("is not read again on the same day, and is on the next", async () => {
    const options = { distributions: [withFunctions("E1", ["f"])], functions: { [arn("f")]: choosing } };
    const earlier = (readOn: string) => ({
      today,
      readings: new Map([[arn("f"), { readOn, code: "passes-on" as const }]]),
    });
    const same = await read(options, earlier(today));
    expect([same.asked, same.functions?.get(arn("f"))]).toEqual([[], { readOn: today, code: "passes-on" }]);
    await aws?.close();
    const next = await read(options, earlier("2026-11-26"));
    expect(next.functions?.get(arn("f"))).toEqual({ readOn: today, code: "may-choose-origin" });
  });

  it("stays as it was found, or unknown, where it cannot be read, and the problem names what to allow", async () => {
    const known = { today, readings: new Map([[arn("f"), { readOn: "2026-11-20", code: "passes-on" as const }]]) };
    const { problems, functions, uses, asked } = await read(
      {
        distributions: [withFunctions("E1", ["f"]), withFunctions("E2", ["g"])],
        functions: { [arn("f")]: choosing, [arn("g")]: harmless },
        isAllowed: (action) => action !== "cloudfront:GetFunction",
      },
      known,
    );
    expect(asked).toEqual([`${arn("f")} 403`]);
    expect(functions).toEqual(known.readings);
    expect(uses.map(({ functionsBefore }) => functionsBefore?.functions.length)).toEqual([undefined, 1]);
    expect(problems).toMatchObject([
      {
        code: "details-unreadable",
        message: expect.stringMatching(/^Functions f, g could not be read \(access denied to .*what they do/),
        remedy: "Allow cloudfront:GetFunction on arn:PARTITION:cloudfront::ACCOUNT:function/*.",
      },
    ]);
  });

  it("is unknown of a function that is none, that is not live, or that is too large", async () => {
    const foreign = withFunctions("E2", []);
    const Items = [{ FunctionARN: "arn:aws:cloudfront::1:function/../x", EventType: "viewer-request" as const }];
    const { uses, asked, functions } = await read({
      distributions: [
        withFunctions("E1", ["large", "draft"]),
        {
          ...foreign,
          DefaultCacheBehavior: { ...foreign.DefaultCacheBehavior!, FunctionAssociations: { Quantity: 1, Items } },
        },
      ],
      functions: { [arn("large")]: harmless.padEnd(10 * 1024 + 1) },
    });
    expect(asked).toHaveLength(2);
    expect([...(functions ?? [])]).toEqual([]);
    expect(uses.map(({ functionsBefore }) => functionsBefore?.functions.length)).toEqual([2, 1]);
  });

  it("is read of so many functions, and those beyond are named", async () => {
    const names = Array.from({ length: mostFunctionsRead + 2 }, (_, index) => `f${index}`);
    const { asked, problems } = await read({
      distributions: names.map((name, index) => withFunctions(`E${index}`, [name])),
      functions: Object.fromEntries(names.map((name) => [arn(name), harmless])),
    });
    expect(asked).toHaveLength(mostFunctionsRead);
    expect(problems).toMatchObject([{ message: expect.stringMatching(/^Functions f200, f201 were not asked for/) }]);
  });
});
