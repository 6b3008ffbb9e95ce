import { rmSync } from "node:fs";
import { join } from "node:path";
import { bundleHandler } from "../../lib/handler-bundle.ts";
import { type Account, startAccount } from "./account.ts";
import { type DeployedHandler, deployHandler } from "./deployed-handler.ts";

export const TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:OriginWatch-Alerts";
export const STATE_BUCKET = "origin-watch-state";
export const STATE_KEY = "state.json";
export const BOARD_KEY = "board.json.gz";
export const LOG_GROUP = "/aws/lambda/origin-watch";

/** The bundled handler, deployed into an account in a box. */
export type Deployment = {
  readonly account: Account;
  readonly handler: DeployedHandler;
  readonly close: () => Promise<void>;
};

/** The environment that the handler gets in the box: what the stack sets, and what only tests may set. */
export function handlerEnvironment(account: Account): Record<string, string> {
  return {
    ...account.aws.environment,
    TOPIC_ARN,
    STATE_BUCKET,
    STATE_KEY,
    BOARD_KEY,
    EXPIRY_WARNING_DAYS: "21",
    AWS_LAMBDA_LOG_GROUP_NAME: LOG_GROUP,
    DNS_SERVERS: account.dns.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
    EXTRA_TRUST_ANCHORS_FILES: account.caFile,
  };
}

/** Starts the account, bundles the handler as the stack does, and starts it. */
export async function deploy(
  options: Parameters<typeof startAccount>[0] = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Deployment> {
  const account = await startAccount({
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    privateAddress: "10.0.0.1",
    ...options,
  });
  const bundle = bundleHandler();
  const handler = await deployHandler(join(bundle.directory, "index.js"), {
    ...handlerEnvironment(account),
    ...environment,
  });
  return {
    account,
    handler,
    async close() {
      await Promise.all([handler.close(), account.close()]);
      rmSync(bundle.directory, { recursive: true, force: true });
    },
  };
}
