import { ACCOUNT_ID } from "./account-distributions.ts";
import type { Deployment } from "./deployment.ts";
import { customOrigin, distribution, distributionDomain } from "./distributions.ts";
import type { Edge } from "./edge/edge.ts";
import { view } from "./edge/viewer.ts";
import { answers } from "./http-origin.ts";

type Account = Deployment["account"];

/** Two outages to come: in each, an origin of its own behind a distribution of its own. */
export type DemoOutages = {
  /** One origin stops answering connection requests, and the other goes on to connect, but answers 502 to every request. */
  begin(): Promise<void>;
  /** Viewers ask through the edge. What they get, a line for each distribution. */
  ask(): Promise<readonly string[]>;
  /** From now on viewers ask at this time, in milliseconds after now. */
  setAhead(ms: number): void;
};

const dark = { domain: "goes-dark.box.test", id: "E7BOXDARK000007", alias: "tickets.example.com" };
const bad = { domain: "bad-gateway.box.test", id: "E8BOXGATEWAY008", alias: "forum.example.com" };
/** CloudWatch has the last minutes late, so that viewers ask a little before each run. */
const beforeRunMs = 10 * 60_000;
const viewers = 40;

/** Adds both to the account, in order as yet, and opens the edge, which counts what viewers get. */
export async function addOutages(account: Account): Promise<DemoOutages> {
  let aheadMs = 0;
  const made = await Promise.all(
    [dark, bad].map(async ({ domain, id, alias }) => {
      const { port } = await account.addOrigin(domain, answers(200, "yes"));
      const origins = [customOrigin(domain, port, { silent: domain === dark.domain })];
      const defaultBehavior = { target: domain, cachePolicy: "CachingDisabled" };
      return distribution({ id, comment: "", aliases: [alias], origins, defaultBehavior }, ACCOUNT_ID);
    }),
  );
  account.aws.setDistributions([...account.aws.distributions(), ...made]);
  for (const { id } of [dark, bad]) account.aws.counts.setAdditionalMetrics(id, true);
  const edge = await account.openEdge({ clock: () => Date.now() + aheadMs - beforeRunMs });
  return {
    async begin() {
      await account.silence(dark.domain);
      await account.serve(bad.domain, answers(502, "bad gateway"));
    },
    ask: () => Promise.all([dark, bad].map(({ id, alias }) => askThrough(edge, account, id, alias))),
    setAhead(ms) {
      aheadMs = ms;
    },
  };
}

async function askThrough(edge: Edge, account: Account, id: string, alias: string): Promise<string> {
  const asked = Array.from({ length: viewers }, (_, index) =>
    view(edge, account.caPem, { host: distributionDomain(id), path: `/${index}` }),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  const counts = [...Map.groupBy(statuses, (status) => status)].map(([status, own]) => `${own.length} x ${status}`);
  return `${alias.padEnd(20)} ${counts.join(", ")}`;
}
