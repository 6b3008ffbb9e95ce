import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import { untilAborted } from "./failure.ts";
import { refusal } from "./refusal.ts";

export type SecretRead =
  | { readonly kind: "secret"; readonly text: string }
  | { readonly kind: "failed"; readonly error: string };

/** A client for the Region that the secret is in, whatever the function's own. */
export function secretsClient(secretArn: string, given: ClientLimits = clientLimits): SecretsManagerClient {
  const [, , , region = ""] = secretArn.split(":");
  return new SecretsManagerClient({ ...given, retryMode: "standard", region });
}

/**
 * Reads the text of a secret.
 *
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export async function readSecret(
  client: SecretsManagerClient,
  secretArn: string,
  signal: AbortSignal,
): Promise<SecretRead> {
  try {
    const sent = client.send(new GetSecretValueCommand({ SecretId: secretArn }), { abortSignal: signal });
    const { SecretString } = await untilAborted(sent, signal);
    if (SecretString === undefined) return { kind: "failed", error: "the secret is no text" };
    return { kind: "secret", text: SecretString };
  } catch (thrown) {
    return { kind: "failed", error: refusal(thrown, `secretsmanager:GetSecretValue on ${secretArn}`, signal).error };
  }
}
