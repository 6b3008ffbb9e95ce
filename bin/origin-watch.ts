import { App } from "aws-cdk-lib/core";
import { ConfigError, readConfig } from "../lib/config.ts";
import { OriginWatchStack } from "../lib/origin-watch-stack.ts";

const app = new App();
try {
  new OriginWatchStack(app, "OriginWatch", readConfig(app.node.getAllContext()));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`origin-watch: ${error.message}\n`);
  process.exitCode = 1;
}
