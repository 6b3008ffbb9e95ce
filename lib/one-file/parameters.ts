import { CfnParameter, Fn, type Stack, Token } from "aws-cdk-lib/core";
import { logRetentions } from "../config.ts";
import { defaults, forms } from "../origin-watch-props.ts";

/**
 * How often the template can let runs start. A value is the key of a mapping, in which CloudFormation takes letters,
 * digits, hyphens and full stops only, so it is `15-minutes` and not `rate(15 minutes)`.
 */
export const rates = ["5-minutes", "15-minutes", "30-minutes", "1-hour", "6-hours", "1-day"] as const;

export type Rate = (typeof rates)[number];

/** The expression of EventBridge Scheduler that a rate stands for. */
export function expressionOf(rate: Rate): string {
  return `rate(${rate.replace("-", " ")})`;
}

/** The rate that the stack has when nobody chooses one. */
export const defaultRate: Rate = "15-minutes";

/** What a person is asked for, by the name that the rest of the template refers to. */
export const parameter = {
  email: "AlertEmail",
  schedule: "Schedule",
  logRetention: "LogRetentionDays",
  reserveConcurrency: "ReserveConcurrency",
} as const;

/** The parameters as values, for constructs that take what is known only when the stack is made. */
export const chosen = {
  email: Fn.ref(parameter.email),
  logRetention: Token.asNumber({ Ref: parameter.logRetention }),
  reserveConcurrency: Fn.ref(parameter.reserveConcurrency),
} as const;

/** Adds the parameters to a stack, and what the console shows above and beside them. */
export function addParameters(stack: Stack): void {
  new CfnParameter(stack, parameter.email, {
    description:
      "Gets the alerts, once it has confirmed the mail that Amazon SNS sends it. The topic takes more subscribers later.",
    allowedPattern: forms.alertEmails.pattern.source,
    constraintDescription: "It must be one e-mail address, such as ops@example.com.",
  });
  new CfnParameter(stack, parameter.schedule, {
    description:
      "Every origin is checked this often. The alarms that tell when checks are missing or fail follow this choice.",
    allowedValues: [...rates],
    default: defaultRate,
  });
  new CfnParameter(stack, parameter.logRetention, {
    description: "The log has the result of every check. CloudWatch Logs deletes it after so many days.",
    type: "Number",
    allowedValues: logRetentions.map(String),
    default: String(defaults.logRetentionDays),
  });
  new CfnParameter(stack, parameter.reserveConcurrency, {
    description:
      "With yes, two checks never overlap. Choose no if Lambda's quota of concurrent executions is 10 in this account " +
      "and Region, as in many new accounts: with yes the stack would fail there.",
    allowedValues: ["yes", "no"],
    default: defaults.reserveConcurrency ? "yes" : "no",
  });
  stack.templateOptions.metadata = { ...stack.templateOptions.metadata, "AWS::CloudFormation::Interface": form };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-interface.html */
const form = {
  ParameterGroups: [
    { Label: { default: "Whom to tell" }, Parameters: [parameter.email] },
    { Label: { default: "How often to check" }, Parameters: [parameter.schedule] },
    { Label: { default: "In this account" }, Parameters: [parameter.logRetention, parameter.reserveConcurrency] },
  ],
  ParameterLabels: {
    [parameter.email]: { default: "E-mail address for alerts" },
    [parameter.schedule]: { default: "Check every" },
    [parameter.logRetention]: { default: "Days to keep the log" },
    [parameter.reserveConcurrency]: { default: "Reserve one concurrent execution of Lambda" },
  },
};
