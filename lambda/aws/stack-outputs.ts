import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { type Scope, scopeOfArn } from "../configuration/scope.ts";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import { credentialsFailure, type Failure, failureOf, type NotSignedIn, notSignedIn } from "./failure.ts";

export type StackOutputs =
  | { readonly kind: "outputs"; readonly scope: Scope; readonly outputs: ReadonlyMap<string, string> }
  | NotSignedIn
  | { readonly kind: "failed"; readonly error: string };

/** For the terminal command only: no function asks about stacks. */
export function cloudFormationClient(
  config: ConstructorParameters<typeof CloudFormationClient>[0] & object = {},
  limits: ClientLimits = clientLimits,
): CloudFormationClient {
  return new CloudFormationClient({ ...limits, ...config });
}

/**
 * The outputs of a stack, and the account that it is in.
 *
 * @returns failures too, in words; nothing is thrown
 */
export async function readStackOutputs(
  client: CloudFormationClient,
  stackName: string,
  signal: AbortSignal,
): Promise<StackOutputs> {
  const unsigned = await credentialsFailure(client, signal);
  if (unsigned !== null) return failed(unsigned);
  try {
    await client.config.region();
  } catch {
    return { kind: "failed", error: "no Region is configured" };
  }
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName }), { abortSignal: signal });
    const [stack] = Stacks ?? [];
    const outputs = (stack?.Outputs ?? []).flatMap(({ OutputKey, OutputValue }) =>
      OutputKey === undefined || OutputValue === undefined ? [] : [[OutputKey, OutputValue] as const],
    );
    return { kind: "outputs", scope: scopeOfArn(stack?.StackId), outputs: new Map(outputs) };
  } catch (thrown) {
    // CloudFormation says so of a stack that does not exist, or not in this Region.
    const isMissing = thrown instanceof Error && thrown.name === "ValidationError";
    if (isMissing) return { kind: "failed", error: "there is no such stack in this Region" };
    return failed(failureOf(thrown, signal));
  }
}

function failed(failure: Failure): StackOutputs {
  return failure.kind === "credentials" ? notSignedIn(failure) : { kind: "failed", error: failure.reason };
}
