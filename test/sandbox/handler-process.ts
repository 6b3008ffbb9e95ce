import { createRequire } from "node:module";

/**
 * The process that stands for a Lambda execution environment: loads the bundle named in its arguments as Lambda does
 * (CommonJS) and answers each message with the outcome of one invocation.
 */
type Invocation = {
  readonly requestId: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly event: unknown;
};

const [, , bundle = ""] = process.argv;
const { handler } = createRequire(import.meta.url)(bundle) as {
  readonly handler: (event: unknown, context: unknown) => Promise<unknown>;
};

process.on("message", ({ requestId, functionArn, timeoutMs, event }: Invocation) => {
  const deadline = Date.now() + timeoutMs;
  const context = {
    awsRequestId: requestId,
    invokedFunctionArn: functionArn,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  handler(event, context).then(
    (value) => process.send?.({ ok: true, value }),
    (error: unknown) => process.send?.({ ok: false, error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.send?.({ ready: true });
