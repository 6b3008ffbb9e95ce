/**
 * Whose configuration something belongs to: an AWS account. The id, with the partition, is its identity; the name is
 * only shown. Null is what the source does not tell: a saved DistributionConfig or a template names no account.
 */
export type Scope = {
  /** Twelve digits. */
  readonly accountId: string | null;
  readonly accountName: string | null;
  /** `aws`, `aws-cn`, `aws-us-gov` or another one of AWS's. */
  readonly partition: string | null;
};

export const unknownScope: Scope = { accountId: null, accountName: null, partition: null };

/**
 * The account and partition in an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html). What is not of that form is not known.
 */
export function scopeOfArn(arn: unknown): Scope {
  if (typeof arn !== "string") return unknownScope;
  const [prefix, partition = "", , , accountId = ""] = arn.split(":", 6);
  if (prefix !== "arn" || !/^aws(-[a-z]{1,12}){0,4}$/.test(partition)) return unknownScope;
  return { accountId: /^\d{12}$/.test(accountId) ? accountId : null, accountName: null, partition };
}

/** What makes two scopes the same; null is the run as a whole, which is none of them. */
export function scopeId(scope: Scope | null): string {
  return scope === null ? "run" : `${scope.partition ?? ""}:${scope.accountId ?? ""}`;
}

/**
 * Whether what happened to one scope may have happened to the other: they are the same, or one of them is the run as a
 * whole or an account that is not known.
 */
export function concerns(one: Scope | null, other: Scope | null): boolean {
  return one?.accountId == null || other?.accountId == null || scopeId(one) === scopeId(other);
}
