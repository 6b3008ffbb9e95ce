import { isAllowed, roleStatements, type Statement } from "../lib/iam.ts";
import { type Account, startAccount } from "./account.ts";
import { ACCOUNT_ID } from "./account-distributions.ts";
import type { AwsEndpoint } from "./aws/endpoint.ts";
import { type Assembly, type ResourceValues, resolver } from "./lambda/assembly.ts";
import { type LocalFunction, startFunction } from "./lambda/function.ts";
import { functionAt } from "./lambda/function-definition.ts";
import { resolveText } from "./lambda/intrinsics.ts";
import type { Hub } from "./member-role.ts";

export const TOPIC_ARN = `arn:aws:sns:us-east-1:${ACCOUNT_ID}:OriginWatch-Alerts`;
export const STATE_BUCKET = "origin-watch-state";
export const STATE_KEY = "state.json";
export const BOARD_KEY = "board.json.gz";
export const MEMORY_KEY = "memory.json";
export const BOARD_MUTES_ARN = `arn:aws:lambda:us-east-1:${ACCOUNT_ID}:function:OriginWatch-BoardMutes`;
const LOG_GROUP = "/aws/lambda/origin-watch";

/** The functions of the stack, by the paths of their constructs. */
export const FUNCTIONS = {
  watch: "OriginWatch/Watch/Watch/Function",
  relay: "OriginWatch/Watch/Relay/Function",
  statusBoard: "OriginWatch/Watch/StatusBoard/Function",
  boardMutes: "OriginWatch/Watch/BoardMutes/Function",
} as const;

/** What the references of the stack lead to in the box: what a deployment would have made of its resources. */
export const RESOURCES: ResourceValues = {
  "AWS::Partition": "aws",
  "AWS::Region": "us-east-1",
  "AWS::AccountId": ACCOUNT_ID,
  "AWS::StackName": "OriginWatch",
  "OriginWatch/Watch/Alerts/Topic": TOPIC_ARN,
  "OriginWatch/Watch/State/Bucket": STATE_BUCKET,
  "OriginWatch/Watch/State/Bucket.Arn": `arn:aws:s3:::${STATE_BUCKET}`,
  "OriginWatch/Watch/Watch/Logs": LOG_GROUP,
  "OriginWatch/Watch/Watch/Logs.Arn": `arn:aws:logs:us-east-1:${ACCOUNT_ID}:log-group:${LOG_GROUP}:*`,
  "OriginWatch/Watch/Watch/FailedRuns.Arn": `arn:aws:sqs:us-east-1:${ACCOUNT_ID}:OriginWatch-FailedRuns`,
  "OriginWatch/Watch/Relay/Logs": "/aws/lambda/origin-watch-relay",
  "OriginWatch/Watch/Relay/Logs.Arn": `arn:aws:logs:us-east-1:${ACCOUNT_ID}:log-group:/aws/lambda/origin-watch-relay:*`,
  "OriginWatch/Watch/Relay/Failed.Arn": `arn:aws:sqs:us-east-1:${ACCOUNT_ID}:OriginWatch-FailedNotices`,
  "OriginWatch/Watch/BoardMutes/Function.Arn": BOARD_MUTES_ARN,
  "OriginWatch/Watch/BoardMutes/Logs": "/aws/lambda/origin-watch-board-mutes",
  "OriginWatch/Watch/BoardMutes/Logs.Arn": `arn:aws:logs:us-east-1:${ACCOUNT_ID}:log-group:/aws/lambda/origin-watch-board-mutes:*`,
  "OriginWatch/Watch/VpcWorker/Logs": "/aws/lambda/origin-watch-vpc",
  "OriginWatch/Watch/VpcWorker/Logs.Arn": `arn:aws:logs:us-east-1:${ACCOUNT_ID}:log-group:/aws/lambda/origin-watch-vpc:*`,
  "OriginWatch/Watch/EgressWorker/Logs": "/aws/lambda/origin-watch-egress",
  "OriginWatch/Watch/EgressWorker/Logs.Arn": `arn:aws:logs:us-east-1:${ACCOUNT_ID}:log-group:/aws/lambda/origin-watch-egress:*`,
  "OriginWatch/Watch/StatusBoard/Logs": "/aws/lambda/origin-watch-status-board",
  "OriginWatch/Watch/StatusBoard/Logs.Arn": `arn:aws:logs:us-east-1:${ACCOUNT_ID}:log-group:/aws/lambda/origin-watch-status-board:*`,
};

/** Whom the roles of other accounts trust, where the template has them assumed. */
export function hubOf(assembly: Assembly, organizationId: string): Hub {
  const { roleId } = functionAt(assembly, FUNCTIONS.watch, RESOURCES);
  const { RoleName } = assembly.template.Resources[roleId]?.Properties ?? {};
  return { accountId: ACCOUNT_ID, roleName: resolveText(RoleName, resolver(assembly, RESOURCES)), organizationId };
}

/** What SNS hands to a function that is subscribed to the topic. */
export function topicEvent(messageId: string, message: string, topicArn: string = TOPIC_ARN): object {
  return { Records: [{ EventSource: "aws:sns", Sns: { TopicArn: topicArn, MessageId: messageId, Message: message } }] };
}

/** The rights that the template gives to a function. */
export function rightsOf(assembly: Assembly, path: string): Statement[] {
  const { roleId } = functionAt(assembly, path, RESOURCES);
  return roleStatements(assembly.template, roleId, resolver(assembly, RESOURCES));
}

/**
 * Starts a function of the stack as its template describes it.
 *
 * @param path path of the function's construct
 * @param aws where its calls go
 * @param additions what only tests may set
 */
export function deployFunction(
  assembly: Assembly,
  path: string,
  aws: AwsEndpoint,
  additions: Readonly<Record<string, string>> = {},
): Promise<LocalFunction> {
  const endpoint = Object.entries(aws.environment).filter(([name]) => !setByLambda.has(name));
  return startFunction(assembly, path, {
    values: RESOURCES,
    additions: { ...Object.fromEntries(endpoint), ...additions },
  });
}

const setByLambda = new Set(["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);

/** The function that watches, deployed into an account in a box. */
export type Deployment = {
  readonly account: Account;
  readonly handler: LocalFunction;
  readonly close: () => Promise<void>;
};

/**
 * Starts an account, and in it the function that watches, with the rights that the template gives it and no others.
 *
 * @param prepare makes the account ready before the function starts, and says what it is to have in its environment
 */
export async function deploy(
  assembly: Assembly,
  options: Parameters<typeof startAccount>[0] = {},
  prepare: (account: Account) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<Deployment> {
  const rights = rightsOf(assembly, FUNCTIONS.watch);
  const account = await startAccount({
    isAllowed: (action, resource, region) => isAllowed(rights, { action, resource, region }),
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    privateAddress: "10.0.0.1",
    ...options,
  });
  const started = prepare(account).then((prepared) =>
    deployFunction(assembly, FUNCTIONS.watch, account.aws, {
      DNS_SERVERS: account.dns.address,
      ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
      EXTRA_TRUST_ANCHORS_FILES: account.caFile,
      ...prepared,
    }),
  );
  const handler = await started.catch(async (error: unknown) => {
    await account.close();
    throw error;
  });
  return {
    account,
    handler,
    async close() {
      await Promise.all([handler.close(), account.close()]);
    },
  };
}
