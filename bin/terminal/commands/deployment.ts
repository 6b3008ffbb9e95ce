import { clientLimits } from "../../../lambda/aws/client-limits.ts";
import { profileCredentials } from "../../../lambda/aws/profile-credentials.ts";
import { cloudFormationClient, readStackOutputs } from "../../../lambda/aws/stack-outputs.ts";
import { readState, s3Client } from "../../../lambda/aws/state-s3.ts";
import { parseState } from "../../../lambda/incidents/state-format.ts";
import { openedAtOf } from "../../../lambda/pages/open-since.ts";
import { mutedNow } from "../../../lambda/tell/muted-now.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { chosenProfile, signInAdvice } from "../input/sources/sign-in.ts";

export type DeploymentPlace = {
  readonly stack: string;
  /** Null for what the AWS configuration says. */
  readonly region: string | null;
  readonly profile: string | null;
};

export type Failed = { readonly kind: "failed"; readonly error: string };

/** Milliseconds: a person at a terminal does not wait longer for one answer of AWS. */
export const awsTimeoutMs = 60_000;

/** Finds the state bucket of a deployment by the outputs of its stack. */
export async function findBucket(
  place: DeploymentPlace,
): Promise<{ readonly kind: "found"; readonly account: string; readonly bucket: string } | Failed> {
  const client = cloudFormationClient(configOf(place));
  const name = printable(place.stack, 128);
  try {
    const found = await readStackOutputs(client, place.stack, AbortSignal.timeout(awsTimeoutMs));
    if (found.kind === "not-signed-in") return failed(signInAdvice(found, chosenProfile(place.profile)));
    if (found.kind === "failed") return failed(`cannot read the stack ${name}: ${found.error}${howToName}`);
    const bucket = found.outputs.get("StateBucketName");
    const { accountId } = found.scope;
    if (bucket === undefined || accountId === null) {
      return failed(`the stack ${name} has no output StateBucketName, so it is none of Origin Watch${howToName}`);
    }
    return { kind: "found", account: accountId, bucket };
  } finally {
    client.destroy();
  }
}

const howToName = " (--stack, --region and --profile name another)";

/** What the runs of a deployment remember for people who look. */
export type Remembered = {
  readonly kind: "remembered";
  /** When each incident opened, by its identity. */
  readonly openedAt: ReadonlyMap<string, string>;
  /** What is muted, a line each. */
  readonly muted: readonly string[];
};

/** Reads the state of a deployment. */
export async function readRemembered(place: DeploymentPlace): Promise<Remembered | Failed> {
  const found = await findBucket(place);
  if (found.kind === "failed") return found;
  const location = { bucket: found.bucket, key: "state.json" };
  const read = await readState(bucketClient(place), location, AbortSignal.timeout(awsTimeoutMs));
  const name = `s3://${location.bucket}/${location.key}`;
  // No run has stored anything yet.
  if (read.kind === "missing") return { kind: "remembered", openedAt: new Map(), muted: [] };
  if (read.kind === "failed") return failed(`cannot read ${name}: ${forPeople(read.error)}`);
  const parsed = parseState(read.text);
  if (parsed.kind === "unreadable") return failed(`cannot read ${name}: ${parsed.problem}`);
  const { incidents, distributionIncidents } = parsed.state;
  return {
    kind: "remembered",
    openedAt: openedAtOf([...incidents, ...distributionIncidents]),
    muted: mutedNow(parsed.state),
  };
}

export function bucketClient(place: DeploymentPlace) {
  return s3Client(clientLimits, configOf(place));
}

function configOf({ region, profile }: DeploymentPlace) {
  return {
    ...(region === null ? {} : { region }),
    ...(profile === null ? {} : { profile, credentials: profileCredentials(profile) }),
  };
}

/** The words of the functions for what a person lacks. */
export function forPeople(error: string): string {
  return error.replace("the function's role needs", "you need");
}

export function failed(error: string): Failed {
  return { kind: "failed", error };
}
