import { failureOf } from "./failure.ts";

/** Why a call failed, and whether the same call may succeed later by itself. */
export type Refusal = {
  readonly error: string;
  /** Whether access was denied. */
  readonly denied: boolean;
  readonly retryable: boolean;
  readonly status: number | null;
};

/**
 * Puts the error of an AWS SDK client into words. When access was denied, they name what the function's role lacks.
 *
 * @param needed the permission, such as `sns:Publish on arn:…`
 * @param signal the signal that the call was made with, if any
 */
export function refusal(thrown: unknown, needed: string, signal?: AbortSignal): Refusal {
  const { kind, reason } = failureOf(thrown, signal);
  const name = thrown instanceof Error ? thrown.name : "";
  const status = statusOf(thrown);
  const denied = kind === "denied" || deniedNames.has(name);
  return {
    error: denied ? `access denied: the function's role needs ${needed}` : reason,
    denied,
    retryable: status === null || status === 429 || status >= 500,
    status,
  };
}

/** SNS's own names (API reference, Publish). */
const deniedNames: ReadonlySet<string> = new Set(["AuthorizationErrorException", "KMSAccessDeniedException"]);

/** `$metadata` has no status when no answer came. */
function statusOf(thrown: unknown): number | null {
  const metadata: unknown = thrown instanceof Error ? Reflect.get(thrown, "$metadata") : null;
  const status: unknown =
    typeof metadata === "object" && metadata !== null ? Reflect.get(metadata, "httpStatusCode") : null;
  return typeof status === "number" ? status : null;
}
