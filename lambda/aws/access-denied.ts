/** What AWS says about a call that it refused. */
export type AccessDenied = {
  /** ARN of the user or role that made the call. */
  readonly caller: string | null;
  /** For example `sts:AssumeRole`. */
  readonly action: string | null;
  /** ARN of the resource that the action was for. */
  readonly resource: string | null;
  /** The kind of policy that forbids the action, where one does; for example `service control policy`. */
  readonly forbiddenBy: string | null;
};

/**
 * Reads AWS's "User: … is not authorized to perform: … on resource: … because no … policy allows the action", which may
 * also end in "with an explicit deny in a … policy"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html). Only what has the form of an ARN,
 * an action or a kind of policy is taken from the message.
 */
export function readAccessDenied(message: string): AccessDenied {
  const text = message.slice(0, 2_000);
  return {
    caller: first(/\bUser: (arn:[\w:/+=,.@-]{1,300}) is not authorized\b/, text),
    action: first(/ not authorized to perform: ([\w-]{1,40}:\w{1,80})\b/, text),
    resource: first(/ on resource: (arn:[\w:/+=,.@*-]{1,300})/, text),
    forbiddenBy: first(/ with an explicit deny in an? ([a-z -]{1,40}policy|permissions boundary)\b/i, text),
  };
}

function first(pattern: RegExp, text: string): string | null {
  return pattern.exec(text)?.[1] ?? null;
}
