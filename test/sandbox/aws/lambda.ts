import { json, jsonError } from "./events.ts";
import type { AwsReply, AwsRequest, Service } from "./exchange.ts";

/** What a function answers to one invocation. */
export type FunctionAnswer = {
  /** JSON. */
  readonly payload: string | Buffer;
  /** Where it failed, be it by itself or by a limit. */
  readonly failed?: true;
};

/** A function that can be invoked; null where all its places are taken. */
export type BoxFunction = (event: Buffer) => Promise<FunctionAnswer | null>;

/** What Lambda takes and gives of one synchronous invocation. */
const mostPayloadBytes = 6 * 1024 * 1024;

/**
 * Lambda's Invoke, synchronous (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
 *
 * @param functions by their ARNs, of every Region
 */
export function lambdaService(
  functions: ReadonlyMap<string, BoxFunction>,
  partition: string,
  account: string,
): Service {
  return {
    operation(request) {
      const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.path) ?? [];
      if (name === undefined || request.method !== "POST") return undefined;
      const known = decodeURIComponent(name);
      const arn = known.startsWith("arn:")
        ? known
        : `arn:${partition}:lambda:${regionOf(request)}:${account}:function:${known}`;
      return {
        action: "lambda:InvokeFunction",
        resource: arn,
        perform: () => invoke(functions.get(arn), arn, request),
      };
    },
    error: jsonError,
    throttled: jsonError(429, "TooManyRequestsException", "Rate Exceeded."),
    denied: (action, resource) =>
      jsonError(403, "AccessDeniedException", `User is not authorized to perform: ${action} on resource: ${resource}`),
  };
}

async function invoke(invoked: BoxFunction | undefined, arn: string, { body, headers }: AwsRequest): Promise<AwsReply> {
  if (invoked === undefined) return jsonError(404, "ResourceNotFoundException", `Function not found: ${arn}`);
  const type = headers["x-amz-invocation-type"] ?? "RequestResponse";
  if (type !== "RequestResponse")
    return jsonError(400, "InvalidParameterValueException", `The box does not know ${type}`);
  if (body.length > mostPayloadBytes)
    return jsonError(413, "RequestTooLargeException", "Request must be smaller than 6291456 bytes");
  const answer = await invoked(body);
  if (answer === null) return jsonError(429, "TooManyRequestsException", "Rate Exceeded.");
  const { status, headers: kept } = json(200, {});
  return {
    status,
    headers: {
      ...kept,
      "x-amz-executed-version": "$LATEST",
      ...(answer.failed ? { "x-amz-function-error": "Unhandled" } : {}),
    },
    body: answer.payload,
  };
}

/** Requests are signed for a Region: it is in the scope of their signature. */
function regionOf({ headers }: AwsRequest): string {
  return /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(headers.authorization ?? "")?.[1] ?? "";
}
