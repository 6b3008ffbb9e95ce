import { writeConditionally } from "../../../lambda/aws/conditional-write.ts";
import { readMuteFile } from "../../../lambda/aws/mutes-s3.ts";
import { type MuteFile, muteFileProblem, serializeMuteFile } from "../../../lambda/incidents/mute-file.ts";
import {
  awsTimeoutMs,
  bucketClient,
  type DeploymentPlace,
  type Failed,
  failed,
  findBucket,
  forPeople,
} from "./deployment.ts";

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

/** Two who write at once are rare, and three at once are told. */
const attempts = 3;
const key = "mutes.json";

/** Finds the state bucket by the outputs of the stack, and reads `mutes.json` there. */
export async function findMutes(place: DeploymentPlace): Promise<Deployed | Failed> {
  const found = await findBucket(place);
  if (found.kind === "failed") return found;
  const { account, bucket } = found;
  const read = await readAgain(place, bucket);
  if (read.kind === "failed") return failed(`cannot read s3://${bucket}/${key}: ${forPeople(read.error)}`);
  return { kind: "deployed", account, bucket, file: read.file, etag: read.etag, place };
}

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
    const signal = AbortSignal.timeout(awsTimeoutMs);
    const written = await writeConditionally(
      bucketClient(place),
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
  return readMuteFile(bucketClient(place), { bucket, key }, AbortSignal.timeout(awsTimeoutMs));
}
