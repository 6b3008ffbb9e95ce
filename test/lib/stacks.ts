import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import flags from "../../cdk.json" with { type: "json" };
import { readConfig } from "../../lib/config.ts";
import { OriginWatch, type OriginWatchProps } from "../../lib/origin-watch.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";

export type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>
>;

const env = { account: "123456789012", region: "us-east-1" };

/** The stacks of the app with these settings, the hub's first. */
export function stacksOf(context: object, stackEnv: object = { env }): readonly Stack[] {
  const app = new App({ context: flags.context });
  new OriginWatchStack(app, "OriginWatch", readConfig({ alertEmail: "ops@example.com", ...context }), stackEnv);
  return stacksIn(app);
}

/** The stacks of an app of one's own, with the construct under the names that the app gives. */
export function ownStacksOf(props: (stack: Stack) => OriginWatchProps): readonly Stack[] {
  const app = new App({ context: flags.context });
  const stack = new Stack(app, "OriginWatch", { env });
  new OriginWatch(stack, "Watch", { alertEmails: ["ops@example.com"], ...props(stack) });
  return stacksIn(app);
}

const stacksIn = (app: App) => app.node.children.filter((each) => Stack.isStack(each));

export const resourcesOf = (stack: Stack | undefined) => Template.fromStack(stack!).toJSON().Resources as Resources;
