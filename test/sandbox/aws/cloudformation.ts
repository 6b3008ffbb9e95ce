import { randomUUID } from "node:crypto";
import type { AwsReply, Service } from "./exchange.ts";
import { document, element, wrappedError } from "./xml.ts";

/** A stack as CloudFormation knows it: its id, which has the account, and its outputs. */
export type SandboxStack = { readonly id: string; readonly outputs: Readonly<Record<string, string>> };

/** CloudFormation's DescribeStacks in the query protocol, for stacks that are named. */
export function cloudFormationService(caller: string, stacks: Readonly<Record<string, SandboxStack>>): Service {
  return {
    operation(request) {
      const form = new URLSearchParams(request.body.toString("utf8"));
      if (request.method !== "POST" || form.get("Action") !== "DescribeStacks") return undefined;
      const name = form.get("StackName") ?? "";
      const stack = stacks[name];
      return {
        action: "cloudformation:DescribeStacks",
        resource: stack?.id ?? "*",
        perform: () =>
          stack === undefined
            ? failure(400, "ValidationError", `Stack with id ${name} does not exist`)
            : description(name, stack),
      };
    },
    error: failure,
    throttled: failure(400, "Throttling", "Rate exceeded"),
    denied: (action, resource) =>
      failure(403, "AccessDenied", `User: ${caller} is not authorized to perform: ${action} on resource: ${resource}`),
  };
}

function description(name: string, { id, outputs }: SandboxStack): AwsReply {
  const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
  const stack = { StackId: id, StackName: name, CreationTime: new Date(0), StackStatus: "CREATE_COMPLETE", Outputs };
  const result = { DescribeStacksResult: { Stacks: [stack] }, ResponseMetadata: { RequestId: randomUUID() } };
  const body = document(
    element("DescribeStacksResponse", result, () => "member"),
    NAMESPACE,
  );
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

function failure(status: number, code: string, message: string): AwsReply {
  return wrappedError(status, code, message, NAMESPACE);
}

const NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
