import type { Json } from "../lambda/intrinsics.ts";

/** Who may assume a role, as IAM keeps it: references resolved. */
export type TrustPolicy = { readonly Statement: readonly Readonly<Record<string, Json>>[] };

/** Who asks for a role, in the words of the condition keys that IAM fills for `sts:AssumeRole`. */
export type AssumeRequest = {
  /** ARN of the caller's role, or of the user: never of the session (`aws:PrincipalArn`). */
  readonly principalArn: string;
  /** Of the caller's account (`aws:PrincipalOrgID`); null where it is in none. */
  readonly organizationId: string | null;
  readonly sessionName: string;
  readonly externalId: string | null;
};

/**
 * Whether a trust policy lets the caller in: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
 * A deny wins, and what is not allowed is denied. Throws for every element, operator and key that is not read here: what is
 * overlooked must not look like what is not asked for.
 */
export function trusts(policy: TrustPolicy, request: AssumeRequest): boolean {
  const matching = policy.Statement.map(readStatement).filter(
    ({ principals, conditions }) =>
      principals.some((principal) => isPrincipal(principal, request.principalArn)) &&
      conditions.every((condition) => holds(condition, request)),
  );
  return matching.some(({ effect }) => effect === "Allow") && !matching.some(({ effect }) => effect === "Deny");
}

type Condition = { readonly operator: Operator; readonly key: string; readonly values: readonly string[] };
type Statement = {
  readonly effect: "Allow" | "Deny";
  readonly principals: readonly string[];
  readonly conditions: readonly Condition[];
};

/** Whether the value of the request meets one of the policy's. */
const operators = {
  StringEquals: (pattern: string, value: string) => pattern === value,
  StringLike: like,
  // ArnEquals and ArnLike do the same: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
  ArnEquals: likeArn,
  ArnLike: likeArn,
} as const;
type Operator = keyof typeof operators;

function readStatement(statement: Readonly<Record<string, Json>>): Statement {
  const { Sid: _, Effect, Action, Principal, Condition = {}, ...unknown } = statement;
  const [strange] = Object.keys(unknown);
  if (strange !== undefined) throw new Error(`trust policy with ${strange}, which is not understood here`);
  if (Effect !== "Allow" && Effect !== "Deny") throw new Error(`trust policy with Effect ${JSON.stringify(Effect)}`);
  if (Action !== "sts:AssumeRole") throw new Error(`trust policy for ${JSON.stringify(Action)}`);
  const { AWS, ...others } = Object(Principal) as { readonly AWS?: Json };
  if (AWS === undefined || Object.keys(others).length > 0) {
    throw new Error(`trust policy for ${JSON.stringify(Principal)}, which is not understood here`);
  }
  return { effect: Effect, principals: texts(AWS), conditions: conditionsOf(Condition) };
}

function conditionsOf(condition: Json): Condition[] {
  return Object.entries(condition as Record<string, Record<string, Json>>).flatMap(([operator, keys]) => {
    if (!isOperator(operator)) throw new Error(`condition ${operator}, which is not understood here`);
    return Object.entries(keys).map(([key, values]) => ({ operator, key, values: texts(values) }));
  });
}

function isOperator(name: string): name is Operator {
  return Object.hasOwn(operators, name);
}

function texts(value: Json): string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.map((each) => {
    if (typeof each !== "string") throw new Error(`a text expected in a trust policy, got ${JSON.stringify(each)}`);
    return each;
  });
}

/** `arn:P:iam::ACCOUNT:root` and the account's id are everybody in it; any other ARN is that principal alone. */
function isPrincipal(principal: string, arn: string): boolean {
  if (principal.includes("*") && principal !== "*") throw new Error(`IAM refuses the principal ${principal}`);
  const [, partition, , , account] = arn.split(":");
  return ["*", arn, account, `arn:${partition}:iam::${account}:root`].includes(principal);
}

/** A key that the request does not have meets no condition of these operators. */
function holds({ operator, key, values }: Condition, request: AssumeRequest): boolean {
  const value = keyOf(key, request);
  return value !== null && values.some((pattern) => operators[operator](pattern, value));
}

function keyOf(key: string, request: AssumeRequest): string | null {
  // Names of condition keys have no case.
  switch (key.toLowerCase()) {
    case "aws:principalarn":
      return request.principalArn;
    case "aws:principalaccount":
      return request.principalArn.split(":")[4] ?? null;
    case "aws:principalorgid":
      return request.organizationId;
    case "sts:rolesessionname":
      return request.sessionName;
    case "sts:externalid":
      return request.externalId;
    default:
      throw new Error(`condition key ${key}, which is not understood here`);
  }
}

function like(pattern: string, value: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`, "s").test(value);
}

/** Each of an ARN's six parts is compared by itself. */
function likeArn(pattern: string, value: string): boolean {
  const [expected, given] = [partsOf(pattern), partsOf(value)];
  return expected.length === given.length && expected.every((part, index) => like(part, given[index] ?? ""));
}

function partsOf(arn: string): string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}
