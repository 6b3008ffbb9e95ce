import { clientLimits } from "../../../lambda/aws/client-limits.ts";
import { writeConditionally } from "../../../lambda/aws/conditional-write.ts";
import { readMuteFile } from "../../../lambda/aws/mutes-s3.ts";
import { profileCredentials } from "../../../lambda/aws/profile-credentials.ts";
import { cloudFormationClient, readStackOutputs } from "../../../lambda/aws/stack-outputs.ts";
import { s3Client } from "../../../lambda/aws/state-s3.ts";
import { type MuteFile, muteFileProblem, serializeMuteFile } from "../../../lambda/incidents/mute-file.ts";
import { printable } from "../../../lambda/text/printable.ts";

export type DeploymentPlace = {
  readonly stack: string;
  /** Null for what the AWS configuration says. */
  readonly region: string | null;
  readonly profile: string | null;
};

/** The mutes of a deployment, as they were when they were read. */
export type Deployed = {
  readonly kind: "deployed";
  /** That of the stack, twelve digits. */
  readonly account: string;
  readonly bucket: string;
  readonly file: MuteFile;
  readonly etag: string | null;
  readonly place: DeploymentPlace;
};

/** A person at a terminal does not wait longer for AWS. */
const timeoutMs = 60_000;
/** Two who write at once are rare, and three at once are told. */
const attempts = 3;
const key = "mutes.json";

/** Finds the state bucket by the outputs of the stack, and reads `mutes.json` there. */
export async function findMutes(
  place: DeploymentPlace,
): Promise<Deployed | { readonly kind: "failed"; readonly error: string }> {
  const client = cloudFormationClient(configOf(place));
  const name = printable(place.stack, 128);
  try {
    const found = await readStackOutputs(client, place.stack, AbortSignal.timeout(timeoutMs));
    if (found.kind === "failed") return failed(`cannot read the stack ${name}: ${found.error}${howToName}`);
    const bucket = found.outputs.get("StateBucketName");
    const { accountId } = found.scope;
    if (bucket === undefined || accountId === null) {
      return failed(`the stack ${name} has no output StateBucketName, so it is none of Origin Watch${howToName}`);
    }
    const read = await readAgain(place, bucket);
    if (read.kind === "failed") return failed(`cannot read s3://${bucket}/${key}: ${forPeople(read.error)}`);
    return { kind: "deployed", account: accountId, bucket, file: read.file, etag: read.etag, place };
  } finally {
    client.destroy();
  }
}

const howToName = " (--stack, --region and --profile name another)";

/**
 * Writes what `change` makes of the mutes, by compare-and-swap: where somebody else wrote meanwhile, it reads and changes
 * theirs.
 *
 * @param change gives null where there is nothing to change
 * @returns why not, in words; null when it is done
 */
export async function keepMutes(
  { bucket, place, file, etag }: Deployed,
  change: (file: MuteFile) => MuteFile | null,
): Promise<string | null> {
  let current: { readonly file: MuteFile; readonly etag: string | null } = { file, etag };
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const next = change(current.file);
    if (next === null) return null;
    const problem = muteFileProblem(next);
    if (problem !== null) return problem;
    const signal = AbortSignal.timeout(timeoutMs);
    const written = await writeConditionally(
      s3ClientOf(place),
      { bucket, key },
      serializeMuteFile(next),
      current.etag,
      signal,
    );
    if (written.kind === "written") return null;
    if (written.kind === "failed") return forPeople(written.error);
    const read = await readAgain(place, bucket);
    if (read.kind === "failed") return forPeople(read.error);
    current = read;
  }
  return "somebody else changed the mutes at the same time, again and again; try once more";
}

function readAgain(place: DeploymentPlace, bucket: string) {
  return readMuteFile(s3ClientOf(place), { bucket, key }, AbortSignal.timeout(timeoutMs));
}

function s3ClientOf(place: DeploymentPlace) {
  return s3Client(clientLimits, configOf(place));
}

function configOf({ region, profile }: DeploymentPlace) {
  return {
    ...(region === null ? {} : { region }),
    ...(profile === null ? {} : { profile, credentials: profileCredentials(profile) }),
  };
}

/** The words of the functions for what a person lacks. */
function forPeople(error: string): string {
  return error.replace("the function's role needs", "you need");
}

function failed(error: string) {
  return { kind: "failed" as const, error };
}
