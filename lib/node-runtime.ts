import { Runtime } from "aws-cdk-lib/aws-lambda";

/** The first release that knows the runtime; package.json has it as the least peer, and `npm run bench:cdk` tries it. */
export const leastCdk = "2.224.0";

/**
 * The runtime of the functions.
 *
 * @throws where the app's CDK does not know it, which npm lets pass with `--force` and `--legacy-peer-deps`
 */
export function nodeRuntime(): Runtime {
  const runtime: Runtime | undefined = Runtime.NODEJS_24_X;
  if (runtime === undefined) {
    throw new Error(`Origin Watch needs aws-cdk-lib ${leastCdk} or newer: this one does not know Lambda's nodejs24.x`);
  }
  return runtime;
}
