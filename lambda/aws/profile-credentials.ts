import { fromIni } from "@aws-sdk/credential-provider-ini";

/**
 * The credentials of one profile: keys, SSO, an assumed role, a process. The SDK's chain would go on to the role of the
 * machine where the profile has none, or does not exist, and the account that is read would be another one.
 *
 * For the terminal command only: the functions' bundles have no providers.
 */
export function profileCredentials(profile: string): ReturnType<typeof fromIni> {
  return fromIni({ profile });
}
