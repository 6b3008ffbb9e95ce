import type { EdgeFunction } from "../configuration/distribution.ts";
import type { FunctionBefore, FunctionsBefore } from "./connection.ts";
import type { Route } from "./routes.ts";

/** Otherwise every use of an origin would list the functions of hundreds of behaviors. */
const mostFunctions = 20;

/**
 * The edge functions that stand before an origin, null where requests of a behavior reach it without one.
 *
 * For viewer requests a CloudFront function may choose another origin or answer
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html), and a
 * Lambda@Edge function may answer; one for origin requests may do both
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html). What is not known of
 * a newer API does not count: a failure is not played down for it.
 *
 * @param routes all routes to the origin
 */
export function functionsBeforeAll(routes: readonly Route[]): FunctionsBefore | null {
  const before = routes.map(({ behavior: { edgeFunctions, pathPattern } }) =>
    edgeFunctions.filter(standsBefore).map((each): FunctionBefore => ({ ...each, pathPattern })),
  );
  if (before.length === 0 || before.some((functions) => functions.length === 0)) return null;
  const isAfterDns = (functions: readonly FunctionBefore[]) => functions.every(isForOriginRequests);
  return { functions: distinctFunctions(before.flat()), afterDns: before.some(isAfterDns) };
}

/** Each function once, with the first behavior that has it. */
export function distinctFunctions(functions: readonly FunctionBefore[]): readonly FunctionBefore[] {
  const byArn = new Map<string, FunctionBefore>();
  for (const each of functions) if (!byArn.has(each.arn)) byArn.set(each.arn, each);
  return [...byArn.values()].slice(0, mostFunctions);
}

function standsBefore(each: EdgeFunction): boolean {
  if (each.code === "passes-on") return false;
  return each.eventType === "viewer-request" || isForOriginRequests(each);
}

function isForOriginRequests({ runtime, eventType }: EdgeFunction): boolean {
  return runtime === "lambda-at-edge" && eventType === "origin-request";
}
