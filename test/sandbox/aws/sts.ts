import { randomUUID } from "node:crypto";
import type { AwsReply, Service } from "./exchange.ts";
import { document, element, wrappedError } from "./xml.ts";

/** STS's AssumeRole in the query protocol: gives temporary credentials for any role, unless the endpoint denies it. */
export function stsService(caller: string): Service {
  return {
    operation(request) {
      const form = new URLSearchParams(request.body.toString("utf8"));
      if (request.method !== "POST" || form.get("Action") !== "AssumeRole") return undefined;
      const role = form.get("RoleArn") ?? "*";
      return {
        action: "sts:AssumeRole",
        resource: role,
        perform: () => assume(role, form.get("RoleSessionName") ?? "session"),
      };
    },
    error: stsError,
    throttled: stsError(400, "Throttling", "Rate exceeded"),
    denied: (action, resource) =>
      stsError(403, "AccessDenied", `User: ${caller} is not authorized to perform: ${action} on resource: ${resource}`),
  };
}

function assume(roleArn: string, session: string): AwsReply {
  const result = {
    AssumeRoleResult: {
      AssumedRoleUser: {
        AssumedRoleId: `AROASANDBOX:${session}`,
        Arn: `${roleArn.replace(":role/", ":assumed-role/")}/${session}`,
      },
      Credentials: {
        AccessKeyId: "ASIASANDBOX",
        SecretAccessKey: "sandbox",
        SessionToken: "sandbox",
        Expiration: new Date(Date.now() + 3_600_000),
      },
    },
    ResponseMetadata: { RequestId: randomUUID() },
  };
  const body = document(element("AssumeRoleResponse", result), NAMESPACE);
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

function stsError(status: number, code: string, message: string): AwsReply {
  return wrappedError(status, code, message, NAMESPACE);
}

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
