import type { NotSignedIn } from "../../../../lambda/aws/failure.ts";
import { profileCredentials } from "../../../../lambda/aws/profile-credentials.ts";
import { printable } from "../../../../lambda/text/printable.ts";

/** The profile that is meant, and where it was named; null for the SDK's own search. */
export type Profile = { readonly name: string; readonly from: "--profile" | "AWS_PROFILE" } | null;

/** As the AWS CLI does it: the option goes before the environment. */
export function chosenProfile(option: string | null): Profile {
  if (option !== null) return { name: option, from: "--profile" };
  const name = process.env.AWS_PROFILE;
  return name === undefined || name === "" ? null : { name, from: "AWS_PROFILE" };
}

/** What a client of the SDK is given for a profile. */
export function profileConfig(profile: Profile) {
  return profile === null ? {} : { profile: profile.name, credentials: profileCredentials(profile.name) };
}

/** One line for somebody who could not be signed in: what is the matter, and what helps. */
export function signInAdvice({ message, problem }: NotSignedIn, profile: Profile): string {
  return `${message} ${advice(problem, profile)}`;
}

function advice(problem: NotSignedIn["problem"], profile: Profile): string {
  const name = profile === null ? "" : printable(profile.name, 100);
  const option = profile === null ? "" : ` --profile ${name}`;
  switch (problem) {
    case "missing":
      return profile === null
        ? "Sign in with `aws sso login` or `aws configure`, or name a profile with --profile."
        : `Look at the profile ${name} in the configuration of the AWS CLI.`;
    case "profile-empty":
      return `Its name is ${name}, from ${profile?.from ?? "the environment"}. List profiles: \`aws configure list-profiles\`.`;
    case "session-over":
      return `Sign in with \`aws sso login${option}\`.`;
    case "expired":
      return `${areFromEnvironment(profile) ? renewKeys : `Sign in again, for example with \`aws sso login${option}\`.`}`;
    case "not-accepted":
      return areFromEnvironment(profile) ? renewKeys : `Compare with \`aws sts get-caller-identity${option}\`.`;
    case "clock":
      return "Set the clock of this machine: AWS takes requests that are at most some minutes old.";
    case "code-needed":
      return `Let the AWS CLI ask for it: eval "$(aws configure export-credentials${option} --format env)", then try again without --profile.`;
    case "role-denied":
      return "The caller's own policies and the trust policy of the role must both allow it.";
    case "unreachable":
      return "Try again; if it stays so, look at the network between here and AWS.";
  }
}

function areFromEnvironment(profile: Profile): boolean {
  return profile === null && process.env.AWS_ACCESS_KEY_ID !== undefined;
}

const renewKeys =
  "They are those of AWS_ACCESS_KEY_ID in the environment: put new ones there, or unset them and name a profile with --profile.";
