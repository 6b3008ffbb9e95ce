import { printable } from "../text/printable.ts";
import { readAccessDenied } from "./access-denied.ts";

/**
 * Why a call to AWS failed, in words of our own. The SDK's errors carry raw answers, parts of signed requests and
 * stacks, so only names and codes are passed on.
 */
export type Failure =
  | Credentials
  /** The credentials are valid, but do not allow this. */
  | Said<"denied">
  /** The caller's signal ended the wait. */
  | Said<"aborted">
  | Said<"other">;

type Said<Kind> = {
  readonly kind: Kind;
  /** What happened, to follow a colon or stand in brackets. */
  readonly reason: string;
};

/** There are no credentials, or AWS does not accept them. */
type Credentials = Said<"credentials"> & { readonly problem: CredentialsProblem };

/** What the problem with the credentials is: one value for each piece of advice. */
export type CredentialsProblem =
  | "missing"
  /** A profile that does not exist, or that has no credentials. */
  | "profile-empty"
  /** A sign-in through IAM Identity Center has expired, or there was none. */
  | "session-over"
  /** They were valid once. */
  | "expired"
  /** AWS does not know them, or the secret does not match. */
  | "not-accepted"
  /** The clock of this machine is wrong, or the request took too long to arrive. */
  | "clock"
  /** The profile needs an MFA code, which this program does not ask for. */
  | "code-needed"
  /** The profile is for a role that its owner may not assume. */
  | "role-denied"
  /** The source of the credentials did not answer, or its answer could not be read. */
  | "unreachable";

/** Error codes with which AWS refuses a signature or the identity behind it, whatever the call. */
const credentialCodes: ReadonlyMap<string, CredentialsProblem> = new Map([
  ["AuthFailure", "not-accepted"],
  ["ExpiredToken", "expired"],
  ["ExpiredTokenException", "expired"],
  ["IncompleteSignature", "not-accepted"],
  ["InvalidAccessKeyId", "not-accepted"],
  ["InvalidClientTokenId", "not-accepted"],
  ["InvalidSignatureException", "not-accepted"],
  ["InvalidToken", "not-accepted"],
  ["MissingAuthenticationToken", "not-accepted"],
  ["MissingAuthenticationTokenException", "not-accepted"],
  ["RequestExpired", "clock"],
  ["RequestTimeTooSkewed", "clock"],
  ["SignatureDoesNotMatch", "not-accepted"],
  ["UnrecognizedClientException", "not-accepted"],
]);

const deniedCodes = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"]);

/** @param signal the signal that the call was made with */
export function failureOf(error: unknown, signal: AbortSignal | undefined): Failure {
  if (signal?.aborted === true) return { kind: "aborted", reason: "time ran out" };
  const { name, code, status } = detailsOf(error);
  const problem = credentialCodes.get(name);
  if (problem !== undefined) {
    const what = problem === "expired" ? "the credentials have expired" : "AWS does not accept the credentials";
    return { kind: "credentials", problem, reason: `${what} (${name})` };
  }
  if (deniedCodes.has(name)) return { kind: "denied", reason: deniedReason(error) };
  // The SDK calls a reset and a refused connection a TimeoutError too.
  if (code !== null && code !== "ETIMEDOUT") {
    return { kind: "other", reason: `the connection to AWS failed (${code})` };
  }
  if (name === "TimeoutError") return { kind: "other", reason: "AWS did not answer in time" };
  if (status !== null && status >= 200 && status < 300) {
    return { kind: "other", reason: "AWS's answer could not be understood" };
  }
  return { kind: "other", reason: status === null ? name : `AWS answered ${name}, HTTP ${status}` };
}

/** Who was denied, and the kind of policy if one denies explicitly: then allowing it elsewhere does not help. */
function deniedReason(error: unknown): string {
  const { caller, forbiddenBy } = readAccessDenied(messageOf(error));
  const to = caller === null ? "" : ` to ${caller}`;
  return `access denied${to}${forbiddenBy === null ? "" : ` by an explicit deny in a ${forbiddenBy}`}`;
}

/** AWS could not be asked at all: there are no credentials, or AWS does not accept them. One line for a person. */
export type NotSignedIn = {
  readonly kind: "not-signed-in";
  readonly message: string;
  readonly problem: CredentialsProblem;
};

export function notSignedIn({ reason, problem }: Credentials): NotSignedIn {
  return { kind: "not-signed-in", message: `Not signed in to AWS: ${reason}.`, problem };
}

/** Why there are no credentials to ask with; null where there are. */
export async function credentialsFailure(
  { config }: { readonly config: { readonly credentials: () => Promise<unknown> } },
  signal: AbortSignal | undefined,
): Promise<ReturnType<typeof credentialsFailureOf> | null> {
  try {
    await untilAborted(config.credentials(), signal);
    return null;
  } catch (error) {
    return credentialsFailureOf(error, signal);
  }
}

/** For an error of resolving credentials. */
export function credentialsFailureOf(error: unknown, signal: AbortSignal | undefined): Credentials | Said<"aborted"> {
  const failure = failureOf(error, signal);
  switch (failure.kind) {
    case "credentials":
    case "aborted":
      return failure;
    case "denied": {
      const { action, resource } = readAccessDenied(messageOf(error));
      const what = `${action ?? "sts:AssumeRole"}${resource === null ? "" : ` on ${resource}`}`;
      return { kind: "credentials", problem: "role-denied", reason: `${what}: ${failure.reason}` };
    }
    case "other": {
      const { name, code, status } = detailsOf(error);
      const wasAsked = status !== null || code !== null || name === "TimeoutError";
      const said = wasAsked ? { problem: "unreachable" as const, reason: failure.reason } : providerProblem(error);
      return { kind: "credentials", ...said };
    }
  }
}

/**
 * Messages of the SDK's providers that did not ask AWS, or that asked IAM Identity Center. Only known sentences are
 * reported, in words of our own: others may hold the arguments of a credential process, or its output.
 */
const providerSentences: readonly (Omit<Credentials, "kind"> & { readonly sentence: RegExp })[] = [
  // First, because the output of the process follows it.
  { sentence: /^Command failed: /, problem: "missing", reason: "the profile's credential process failed" },
  {
    sentence: /\bForbiddenException\b/,
    problem: "role-denied",
    reason: "IAM Identity Center does not give you the role of this profile",
  },
  {
    sentence: /\bSSO\b|\bUnauthorizedException\b/,
    problem: "session-over",
    reason: "the session of IAM Identity Center (SSO) is over, or there was none",
  },
  {
    sentence: /\bmulti-factor authentication\b/,
    problem: "code-needed",
    reason: "the profile wants the code of a multi-factor device",
  },
  {
    sentence: /^Could not resolve credentials using profile\b/,
    problem: "profile-empty",
    reason: "the profile does not exist, or has no credentials",
  },
  {
    sentence: /^Could not load credentials from any providers\b/,
    problem: "missing",
    reason: "Could not load credentials from any providers",
  },
  {
    sentence: /^Detected a cycle attempting to resolve credentials\b/,
    problem: "missing",
    reason: "the profiles name each other as their source",
  },
  {
    sentence: /^Unsupported credential source\b/,
    problem: "missing",
    reason: "the profile has a credential_source that is not supported",
  },
];

function providerProblem(error: unknown): Omit<Credentials, "kind"> {
  const message = messageOf(error);
  const process =
    /^Profile .* credential_process (?<words>returned [a-z]+ (?:JSON|credentials)|did not return Version 1)\.$/;
  const words = process.exec(message)?.groups?.words;
  if (words !== undefined) return { problem: "missing", reason: `the profile's credential process ${words}` };
  const known = providerSentences.find(({ sentence }) => sentence.test(message));
  if (known !== undefined) return { problem: known.problem, reason: known.reason };
  return { problem: "missing", reason: "no source of credentials gave any" };
}

/** The options with which the SDK ends a call when the signal is aborted. */
export function abortedBy(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** Settles with the work, or rejects as soon as the signal is aborted. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error("aborted"));
  });
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

function detailsOf(error: unknown): { name: string; code: string | null; status: number | null } {
  if (!(error instanceof Error)) return { name: "an unknown error", code: null, status: null };
  const code: unknown = Reflect.get(error, "code");
  const metadata: unknown = Reflect.get(error, "$metadata");
  const status: unknown =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "httpStatusCode") : null;
  return {
    name: printable(error.name, 64),
    code: typeof code === "string" ? printable(code, 64) : null,
    status: typeof status === "number" ? status : null,
  };
}
