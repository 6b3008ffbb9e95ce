import { cloudFrontClient, readAccount } from "../../../../lambda/aws/cloudfront.ts";
import { waitingFor } from "../../output/progress.ts";
import type { Reading } from "../source.ts";
import { chosenProfile, profileConfig, signInAdvice } from "./sign-in.ts";

/** Throttled or not, an account is read in less; a person at a terminal does not wait longer for AWS. */
const accountTimeoutMs = 120_000;

/**
 * @param option the profile that is asked for, null for what the environment says
 * @param readFunctions whether the code of CloudFront functions is read too
 */
export async function readSignedInAccount(option: string | null, readFunctions: boolean): Promise<Reading> {
  const profile = chosenProfile(option);
  const client = cloudFrontClient(profileConfig(profile));
  const done = waitingFor("reading the account");
  try {
    const known = readFunctions ? { today: "", readings: new Map() } : null;
    const inventory = await readAccount(client, AbortSignal.timeout(accountTimeoutMs), undefined, known);
    if (inventory.kind === "not-signed-in") return { kind: "unreadable", message: signInAdvice(inventory, profile) };
    const { distributions, policies, problems } = inventory;
    const nothing = inventory.distributions.length + inventory.unreadable.length === 0;
    const unlisted = problems.find(({ code }) => code === "inventory-failed");
    // Without any distribution a check would find nothing wrong, and that is the last thing that is known here.
    if (nothing && unlisted !== undefined) {
      return { kind: "unreadable", message: `${unlisted.message} ${unlisted.remedy}` };
    }
    return { kind: "configuration", distributions, policies, problems };
  } finally {
    done();
    client.destroy();
  }
}
