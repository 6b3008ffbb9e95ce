import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleHandler, type HandlerBundle } from "../../lib/handler-bundle.ts";
import { type AwsEndpoint, type Fault, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { handler as asItIs } from "./error-names.ts";

// The bundle has no class for an error of its own, only the service's for all of them: what the functions read of an
// error must be there all the same.

let bundle: HandlerBundle;
let bundled: typeof asItIs;
let aws: AwsEndpoint;

beforeAll(async () => {
  bundle = bundleHandler(undefined, join(import.meta.dirname, "error-names.ts"));
  const loaded: { readonly handler: typeof asItIs } = createRequire(import.meta.url)(
    join(bundle.directory, "index.js"),
  );
  bundled = loaded.handler;
  aws = await startAwsEndpoint();
});
afterAll(async () => {
  await aws.close();
  rmSync(bundle.directory, { recursive: true, force: true });
});

const actions = [
  "cloudfront:ListDistributions",
  "cloudwatch:GetMetricData",
  "events:PutEvents",
  "s3:GetObject",
  "securityhub:BatchImportFindings",
  "sns:Publish",
];

it.each(["access-denied", "throttle", "expired-token", "internal-error", "none"] as const)(
  "an error has the same name, message and status in the bundle: %s",
  async (fault: Fault) => {
    const answers = [];
    for (const call of [asItIs, bundled]) {
      for (const action of actions) aws.failNext(action, fault);
      answers.push((await call(aws.url)).map(essence));
    }
    expect(answers[0]?.filter((each) => each !== null).length).toBe(
      fault === "none" ? actions.length - 1 : actions.length,
    );
    expect(answers[1]).toEqual(answers[0]);
  },
);

/** Null where the call worked. */
function essence(answer: unknown): unknown {
  const { name, message, fault, metadata } = answer as Readonly<Record<string, unknown>>;
  if (name === undefined) return null;
  return { name, message, fault, status: Reflect.get(Object(metadata), "httpStatusCode") };
}
