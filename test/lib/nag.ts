import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import flags from "../../cdk.json" with { type: "json" };
import { readConfig } from "../../lib/config.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";

/** What cdk-nag finds in the stack with these settings. */
export function nagFindings(settings: object): readonly string[] {
  const app = new App({ context: flags.context });
  const env = { account: "123456789012", region: "eu-west-1" };
  const config = readConfig({ alertEmail: "ops@example.com", ...settings });
  const stack = new OriginWatchStack(app, "OriginWatch", config, { env });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  try {
    app.synth();
  } catch (error) {
    return [...String(error).matchAll(/\b(AwsSolutions|Serverless)-\w+(\[[^\]]*\])?/g)].map(([rule]) => rule);
  }
  return [stack.stackName];
}
