import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { sessionNamePrefix } from "../contract/accounts.ts";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import { type Failure, failureOf, untilAborted } from "./failure.ts";

/** Short-lived credentials for the role of one account. They are in no record, and are gone with the run. */
export type MemberCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
};

export type MemberRole = { readonly partition: string; readonly accountId: string; readonly roleName: string };

export type Assumed =
  | { readonly kind: "assumed"; readonly credentials: MemberCredentials }
  | { readonly kind: "failed"; readonly failure: Failure };

/** The shortest session that there is: a run is over before (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html). */
const sessionSeconds = 900;

/** A client for STS in the Region of the function, which throttles nobody but this account. */
export function stsClient(given: ClientLimits = clientLimits): STSClient {
  return new STSClient({ ...given, retryMode: "standard" });
}

/**
 * Assumes the role of an account. Credentials that turn out to be another role's, or another account's, are not used. It
 * never throws.
 *
 * @param runId what the session is named after, so that CloudTrail of the account says which run it was
 */
export async function assumeMemberRole(
  client: STSClient,
  role: MemberRole,
  runId: string,
  signal: AbortSignal,
): Promise<Assumed> {
  const { partition, accountId, roleName } = role;
  const session = sessionNameOf(runId);
  try {
    const command = new AssumeRoleCommand({
      RoleArn: memberRoleArn(role),
      RoleSessionName: session,
      DurationSeconds: sessionSeconds,
    });
    const { AssumedRoleUser: user, Credentials: given } = await untilAborted(
      client.send(command, { abortSignal: signal }),
      signal,
    );
    if (user?.Arn !== `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/${session}`) {
      return failed("AWS's answer is about another role");
    }
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = given ?? {};
    if (!accessKeyId || !secretAccessKey || !sessionToken) return failed("AWS's answer holds no credentials");
    const expiration = given?.Expiration ?? new Date(Date.now() + sessionSeconds * 1_000);
    return { kind: "assumed", credentials: { accessKeyId, secretAccessKey, sessionToken, expiration } };
  } catch (error) {
    return { kind: "failed", failure: failureOf(error, signal) };
  }
}

export function memberRoleArn({ partition, accountId, roleName }: MemberRole): string {
  return `arn:${partition}:iam::${accountId}:role/${roleName}`;
}

function sessionNameOf(runId: string): string {
  return `${sessionNamePrefix}${runId.replaceAll(/[^\w+=,.@-]/g, "-")}`.slice(0, 64);
}

function failed(reason: string): Assumed {
  return { kind: "failed", failure: { kind: "other", reason } };
}
