import { fromIni } from "@aws-sdk/credential-provider-ini";

/**
 * The credentials of one profile: keys, SSO, an assumed role, a process. Where the profile has none or does not exist,
 * the SDK's chain would go on to the role of the machine, and the wrong account would be read.
 *
 * For the terminal command only: the functions' bundles have no providers.
 */
export function profileCredentials(profile: string): ReturnType<typeof fromIni> {
  return fromIni({ profile });
}
