import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import flags from "../../../cdk.json" with { type: "json" };

/**
 * Writes a CDK application into a folder: a stack `Site` with one distribution on two origins of the box, of which one
 * is broken. It uses the CDK of this project.
 */
export function cdkApp(folder: string, ports: Readonly<Record<string, number>>): void {
  symlinkSync(join(import.meta.dirname, "..", "..", "..", "node_modules"), join(folder, "node_modules"));
  // Without notices: they come from the network.
  const settings = { app: "node app.mjs", notices: false, context: flags.context };
  writeFileSync(join(folder, "cdk.json"), JSON.stringify(settings));
  writeFileSync(
    join(folder, "app.mjs"),
    `import { App, Stack } from "aws-cdk-lib";
import { Distribution } from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";

const app = new App();
const stack = new Stack(app, "Site");
new Distribution(stack, "Distribution", {
  defaultBehavior: { origin: new HttpOrigin("healthy.box.test", { httpsPort: ${ports["healthy.box.test"]} }) },
  additionalBehaviors: {
    "/api/*": { origin: new HttpOrigin("incomplete.box.test", { httpsPort: ${ports["incomplete.box.test"]} }) },
  },
});
`,
  );
}
