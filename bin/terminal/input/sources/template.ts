import { nameOf } from "../read-file.ts";
import type { Source } from "../source.ts";
import { atMostOne, UsageError } from "../usage-error.ts";
import { many, one, parameter } from "../values.ts";
import { policiesOption } from "./policies-file.ts";

export const template: Source = {
  name: "template",
  argument: "FILE",
  help: "a CloudFormation template, or a folder of them such as cdk.out, before it is deployed (- for standard input; no AWS call)",
  originsAlone: false,
  beforeDeployment: true,
  options: {
    ...policiesOption,
    parameter: {
      type: "string",
      multiple: true,
      value: "NAME=VALUE",
      help: "a value for a parameter of the template, or for AWS::Region and the like; repeatable",
    },
  },
  open: (given, values) => {
    const file = atMostOne(given);
    if (file === undefined) throw new UsageError("template needs a FILE, or - for standard input");
    const policies = one(values, "policies") ?? null;
    const parameters = new Map(many(values, "parameter").map(parameter));
    return {
      place: nameOf(file),
      file,
      read: async () =>
        (await import("./read-configuration.ts")).readConfiguration({
          file,
          policiesFile: policies,
          parameters,
          expected: "template",
        }),
    };
  },
};
