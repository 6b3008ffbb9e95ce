import type { Template } from "../sandbox/lambda/assembly.ts";
import { type Json, type Resolve, resolveText } from "../sandbox/lambda/intrinsics.ts";

/** A call that was made: an IAM action and the ARN (or `*`) that it went to. */
export type Call = {
  readonly action: string;
  readonly resource: string;
  /** The service that makes it for the caller, as KMS names it. */
  readonly via?: string;
  /** The Region that it goes to, where a statement may ask for that. */
  readonly region?: string;
  /** The function whose code makes it, as calls of Lambda's code say. */
  readonly sourceFunction?: string;
};

export type Statement = {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Only through these services (`kms:ViaService`). */
  readonly via?: readonly string[];
  /** Only in these Regions (`aws:RequestedRegion`). */
  readonly regions?: readonly string[];
  /** Only of the code of these functions (`lambda:SourceFunctionArn`). */
  readonly sourceFunctions?: readonly string[];
};

/**
 * The statements of all identity policies of a role in a template, with references resolved. Throws when the role gets
 * rights, or bounds to them, in a way that is not read here: what is overlooked must not look like what is not granted.
 *
 * @param resolve the ARN or name for `Ref` and `Fn::GetAtt` of a logical id; throws for those it does not know
 */
export function roleStatements(template: Template, roleId: string, resolve: Resolve): Statement[] {
  const role = template.Resources[roleId]?.Properties ?? {};
  const unread = ["ManagedPolicyArns", "Policies", "PermissionsBoundary"].find((property) => property in role);
  if (unread !== undefined) throw new Error(`role with ${unread}, which this evaluator does not understand`);
  const policies = Object.values(template.Resources).filter(
    ({ Type, Properties }) =>
      Type.startsWith("AWS::IAM::") && JSON.stringify(Properties ?? {}).includes(`{"Ref":"${roleId}"}`),
  );
  const foreign = policies.find(({ Type }) => Type !== "AWS::IAM::Policy");
  if (foreign !== undefined) throw new Error(`role with ${foreign.Type}, which this evaluator does not understand`);
  return policies.flatMap(({ Properties }) => {
    const document = Properties?.PolicyDocument as { Statement: Record<string, Json>[] };
    return document.Statement.map((statement) => readStatement(statement, resolve));
  });
}

/** Whether the statements allow the call: an explicit deny wins, and what is not allowed is denied. */
export function isAllowed(statements: readonly Statement[], call: Call): boolean {
  const matching = statements.filter(
    ({ actions, resources, via, regions, sourceFunctions }) =>
      (sourceFunctions === undefined || sourceFunctions.some((arn) => arn === call.sourceFunction)) &&
      (regions === undefined || regions.some((region) => region === call.region)) &&
      (via === undefined || via.some((service) => service === call.via)) &&
      actions.some((action) => matches(action.toLowerCase(), call.action.toLowerCase())) &&
      resources.some((resource) => matches(resource, call.resource)),
  );
  return matching.some(({ effect }) => effect === "Allow") && !matching.some(({ effect }) => effect === "Deny");
}

/** Actions that are granted on a resource on which no call needed them. */
export function unusedActions(statements: readonly Statement[], calls: readonly Call[]): string[] {
  const granted = statements
    .filter(({ effect }) => effect === "Allow")
    .flatMap(({ actions, resources }) =>
      actions.flatMap((action) => resources.map((resource) => ({ action, resource }))),
    );
  const isUsed = ({ action, resource }: Call) =>
    calls.some((call) => matches(action.toLowerCase(), call.action.toLowerCase()) && matches(resource, call.resource));
  return granted.filter((each) => !isUsed(each)).map(({ action }) => action);
}

function readStatement(statement: Record<string, Json>, resolve: Resolve): Statement {
  const known = new Set(["Sid", "Effect", "Action", "Resource", "Condition"]);
  const unknown = Object.keys(statement).find((key) => !known.has(key));
  if (unknown !== undefined) throw new Error(`statement with ${unknown}, which this evaluator does not understand`);
  const effect = statement.Effect;
  if (effect !== "Allow" && effect !== "Deny") throw new Error(`statement with Effect ${JSON.stringify(effect)}`);
  return {
    effect,
    actions: several(statement.Action).map((action) => resolveText(action, resolve)),
    resources: several(statement.Resource).map((resource) => resolveText(resource, resolve)),
    ...(statement.Condition === undefined ? {} : conditions(statement.Condition, resolve)),
  };
}

function conditions(condition: Json, resolve: Resolve): Pick<Statement, "via" | "regions" | "sourceFunctions"> {
  const { StringEquals: equals, ArnEquals: arns, ...operators } = condition as Record<string, Record<string, Json>>;
  const { "kms:ViaService": services, "aws:RequestedRegion": regions, ...keys } = equals ?? {};
  const { "lambda:SourceFunctionArn": functions, ...otherArns } = arns ?? {};
  if ((equals ?? arns) === undefined || Object.keys({ ...operators, ...keys, ...otherArns }).length > 0) {
    throw new Error(`Condition ${JSON.stringify(condition)}, which this evaluator does not understand`);
  }
  const texts = (value: Json) => several(value).map((each) => resolveText(each, resolve));
  return {
    ...(services === undefined ? {} : { via: texts(services) }),
    ...(regions === undefined ? {} : { regions: texts(regions) }),
    ...(functions === undefined ? {} : { sourceFunctions: texts(functions) }),
  };
}

function several(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [value ?? null];
}

/** IAM's wildcards: `*` for any run of characters, `?` for one. */
function matches(pattern: string, text: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`, "s").test(text);
}
