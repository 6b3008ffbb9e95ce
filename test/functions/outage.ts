import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { type Deployment, deploy } from "../sandbox/deployment.ts";
import { type BehaviorOutline, type customOrigin, distribution, distributionDomain } from "../sandbox/distributions.ts";
import type { Edge, EdgeOptions } from "../sandbox/edge/edge.ts";
import { view } from "../sandbox/edge/viewer.ts";
import type { Assembly } from "../sandbox/lambda/assembly.ts";

/** An outage played on a clock of its own: viewers ask through the edge, and every quarter of an hour there is a run. */
export type Outage = Deployment & {
  readonly edge: Edge;
  /** The domain's server listens here. */
  portOf(domain: string): number;
  /** So many quarters of an hour: the subjects of what is told in each, without the word that Origin Watch works. */
  quarters(count: number): Promise<readonly (readonly string[])[]>;
  /** The mail of the message that came last, with its lines joined. */
  lastMail(): string;
  /** The last mail whose subject begins with this. */
  mailAbout(tag: string): string;
};

const quarterMs = 15 * 60_000;
/** Of this run CloudWatch has all: it is not asked for the last five minutes. */
const trafficMs = 10 * 60_000;
export const outageId = "E1BOXOUTAGE001";

/** What is the same in all of them: a distribution on one origin, whose errors are kept for no time. */
export function outageDistribution(
  origin: ReturnType<typeof customOrigin>,
  behavior: Partial<BehaviorOutline> = {},
): DistributionSummary {
  const target = origin.Id ?? "";
  const defaultBehavior = { target, cachePolicy: "CachingDisabled", ...behavior };
  const aliases = ["app.example.com"];
  return distribution({ id: outageId, comment: "Outage", aliases, origins: [origin], defaultBehavior }, ACCOUNT_ID);
}

export type OutageOptions = Pick<EdgeOptions, "functions"> & {
  /** How many requests viewers make between two runs, each through the edge. @default 30 */
  readonly viewers?: number;
  /** Whether CloudFront's additional metrics are on for the distribution. @default true */
  readonly countsByStatus?: boolean;
};

export async function startOutage(
  assembly: Assembly,
  { functions, viewers = 30, countsByStatus = true }: OutageOptions = {},
): Promise<Outage> {
  const box = await deploy(assembly);
  let aheadMs = 0;
  const clock = () => Date.now() + aheadMs - trafficMs;
  const edge = await box.account.openEdge({ clock, ...(functions === undefined ? {} : { functions }) });
  box.account.aws.counts.setAdditionalMetrics(outageId, countsByStatus);
  let path = 0;

  async function askAll(): Promise<void> {
    const host = distributionDomain(outageId);
    const asked = Array.from({ length: viewers }, () => {
      path += 1;
      return view(edge, box.account.caPem, { host, path: `/${path}` });
    });
    await Promise.all(asked);
  }

  async function run(): Promise<string[]> {
    const before = box.account.aws.messages.length;
    await box.handler.invoke({ clockAheadMs: aheadMs });
    const published = box.account.aws.messages.slice(before).map(({ subject }) => subject ?? "");
    return published.filter((subject) => !subject.startsWith("[STARTED]"));
  }

  function mailAbout(tag: string): string {
    const { message = "{}" } = box.account.aws.messages.findLast(({ subject }) => subject?.startsWith(tag)) ?? {};
    const { email = "" } = JSON.parse(message) as { readonly email?: string };
    return email.replaceAll(/\s+/g, " ");
  }

  return {
    ...box,
    edge,
    portOf: (domain) => box.account.origins.find((origin) => origin.domain === domain)?.port ?? 0,
    async quarters(count) {
      const told: string[][] = [];
      for (let quarter = 0; quarter < count; quarter += 1) {
        await askAll();
        told.push(await run());
        aheadMs += quarterMs;
      }
      return told;
    },
    lastMail: () => mailAbout(""),
    mailAbout,
  };
}
