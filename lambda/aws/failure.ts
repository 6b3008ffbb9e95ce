import { printable } from "../text/printable.ts";

/**
 * Why a call to AWS did not succeed, in words of our own. The SDK's errors carry raw answers, parts of signed requests
 * and stacks, so nothing of them is passed on but names and codes.
 */
export type Failure = {
  readonly kind: /** There are no credentials, or AWS does not accept them. */
    | "credentials"
    /** The credentials are good, but do not allow this. */
    | "denied"
    /** The caller's signal ended the wait. */
    | "aborted"
    | "other";
  /** What happened, to follow a colon or stand in brackets. */
  readonly reason: string;
};

/** Error codes with which AWS refuses a signature or the identity behind it, whatever is asked. */
const credentialCodes = new Set([
  "AuthFailure",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "InvalidToken",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);

const deniedCodes = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"]);

/** @param signal that with which the call was made */
export function failureOf(error: unknown, signal: AbortSignal | undefined): Failure {
  if (signal?.aborted === true) return { kind: "aborted", reason: "time ran out" };
  const { name, code, status } = detailsOf(error);
  if (credentialCodes.has(name))
    return { kind: "credentials", reason: `AWS does not accept the credentials (${name})` };
  if (deniedCodes.has(name)) return { kind: "denied", reason: "access denied" };
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

/** For an error of resolving credentials, whose message is the SDK's advice on profile or sign-in. */
export function credentialsFailureOf(error: unknown, signal: AbortSignal | undefined): Failure {
  const failure = failureOf(error, signal);
  if (failure.kind === "aborted") return failure;
  const advice = error instanceof Error && detailsOf(error).status === null ? (error.message.split("\n")[0] ?? "") : "";
  return {
    kind: "credentials",
    reason: advice === "" ? failure.reason : printable(advice, 200).replace(/[.:\s]+$/, ""),
  };
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
