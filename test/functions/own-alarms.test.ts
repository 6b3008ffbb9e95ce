import { afterAll, beforeAll, expect, it } from "vitest";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { deploy } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

// Alarms that somebody made on the metrics of the first program that was deployed (423b3c5), with what an upgraded function
// emits.

/** As CloudWatch's PutMetricAlarm has it; the statistic is that of one run. */
type Alarm = {
  readonly metric: string;
  readonly fires: (value: number) => boolean;
};

const namespace = "OriginWatch";
const dimensions = { service: "origin-watch" };
const alarms: Readonly<Record<string, Alarm>> = {
  failing: { metric: "OriginsFailing", fires: (value) => value >= 1 },
  "at risk": { metric: "OriginsAtRisk", fires: (value) => value >= 1 },
  unknown: { metric: "OriginsUnknown", fires: (value) => value >= 1 },
  "none healthy": { metric: "OriginsHealthy", fires: (value) => value < 1 },
  "nothing checked": { metric: "OriginsChecked", fires: (value) => value < 1 },
  "expires soon": { metric: "SoonestExpiryDays", fires: (value) => value < 14 },
  problems: { metric: "RunProblems", fires: (value) => value >= 1 },
  "lost messages": { metric: "MessageFailures", fires: (value) => value >= 1 },
  "no run": { metric: "RunCompleted", fires: (value) => value < 1 },
};

type Embedded = Readonly<Record<string, unknown>> & {
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
};

/** The alarms that fire, by what a run has logged in CloudWatch's embedded metric format; one without a value is in it too. */
function firing(logs: readonly string[]): readonly string[] {
  const records = logs.map((line) => JSON.parse(line) as Embedded);
  const emitted = (metric: string) => {
    const holding = records.filter((record) =>
      record._aws?.CloudWatchMetrics.some(
        ({ Namespace, Dimensions, Metrics }) =>
          Namespace === namespace &&
          Dimensions.some((names) => names.join() === Object.keys(dimensions).join()) &&
          Metrics.some(({ Name }) => Name === metric),
      ),
    );
    const [found] = holding.filter((record) =>
      Object.entries(dimensions).every(([name, value]) => record[name] === value),
    );
    return [found?.[metric]].flat()[0];
  };
  return Object.entries(alarms).flatMap(([name, { metric, fires }]) => {
    const value = emitted(metric);
    return typeof value !== "number" ? [`${name}: no value`] : fires(value) ? [name] : [];
  });
}

let assembly: Assembly;
beforeAll(async () => {
  assembly = await synthesise();
});
afterAll(() => assembly.remove());

it("fire for what they were made for, and are quiet once it is fixed", async () => {
  const box = await deploy(assembly);
  const { account, handler } = box;
  const domains = ["expired.box.test", "healthy.box.test", "mtls-optional.box.test"] as const;
  const use = (some: readonly string[]) => {
    const origins = some.map((domain) =>
      customOrigin(domain, account.origins.find((origin) => origin.domain === domain)?.port ?? 8443),
    );
    const behaviors = some.slice(1).map((target) => ({ pathPattern: `/${target}/*`, target }));
    const outline = {
      id: "E1OWNALARMS001",
      comment: "",
      origins,
      defaultBehavior: { target: some[0] ?? "" },
      behaviors,
    };
    account.aws.setDistributions([distribution(outline, ACCOUNT_ID)]);
  };
  const run = async () => firing((await handler.invoke()).logs);
  try {
    use(domains.slice(0, 3));
    expect(await run()).toEqual(["failing", "at risk", "expires soon"]);
    await account.repair("expired.box.test");
    use(domains.slice(0, 2));
    expect(await run()).toEqual([]);
    await account.expire("healthy.box.test");
    await account.expire("expired.box.test");
    account.aws.failNext("sns:Publish", "access-denied", 20);
    expect(await run()).toEqual(["failing", "none healthy", "expires soon", "lost messages"]);
  } finally {
    await box.close();
  }
});
