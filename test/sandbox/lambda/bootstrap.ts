import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * The process that stands for Lambda's Node runtime: loads the handler that its environment names and gives it one event
 * of the Runtime API after the other. AWS's own client for this (`aws-lambda-ric`) is a native addon that is compiled when
 * it is installed.
 *
 * Imports nothing of the project: what runs in here beside the handler is memory that the handler lacks.
 */
type Context = {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly callbackWaitsForEmptyEventLoop: boolean;
  readonly getRemainingTimeInMillis: () => number;
};

type Handler = (event: unknown, context: Context) => unknown;

/** An error with a type of Lambda's own. */
class RuntimeFailure extends Error {
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}

const machineNow = Date.now;
/** How much later than on the machine it is for the handler. */
let aheadMs = 0;
globalThis.Date = new Proxy(Date, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [machineNow() + aheadMs] : given, newTarget),
  get: (target, name) => (name === "now" ? () => machineNow() + aheadMs : Reflect.get(target, name)),
});

const [host = "", port = ""] = variable("AWS_LAMBDA_RUNTIME_API").split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
/** The invocation under way; null while the code is loaded and between two. */
let requestId: string | null = null;

process.on("uncaughtException", (error) => void die(error, 129));
process.on("unhandledRejection", (reason) => {
  void die(new RuntimeFailure("Runtime.UnhandledPromiseRejection", String(reason)), 128);
});

const handler = await loadHandler();
if (handler === null) process.exit(1);
for (;;) await serve(handler);

async function serve(handle: Handler): Promise<void> {
  const { headers, body } = await call("GET", "/invocation/next");
  const id = headerOf(headers, "lambda-runtime-aws-request-id");
  requestId = id;
  process.env._X_AMZN_TRACE_ID = headerOf(headers, "lambda-runtime-trace-id");
  // Not Lambda's: the sandbox lets time pass between two invocations.
  aheadMs = Number(headerOf(headers, "sandbox-clock-ahead-ms"));
  const outcome = await outcomeOf(handle, JSON.parse(body), contextOf(id, headers));
  requestId = null;
  if ("error" in outcome) await postError(`/invocation/${id}/error`, outcome.error);
  else await call("POST", `/invocation/${id}/response`, outcome.json);
}

async function outcomeOf(
  handle: Handler,
  event: unknown,
  context: Context,
): Promise<{ readonly json: string } | { readonly error: unknown }> {
  try {
    return { json: JSON.stringify((await handle(event, context)) ?? null) };
  } catch (error) {
    return { error };
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function contextOf(id: string, headers: IncomingHttpHeaders): Context {
  const deadline = Number(headerOf(headers, "lambda-runtime-deadline-ms"));
  return {
    awsRequestId: id,
    functionName: variable("AWS_LAMBDA_FUNCTION_NAME"),
    functionVersion: variable("AWS_LAMBDA_FUNCTION_VERSION"),
    invokedFunctionArn: headerOf(headers, "lambda-runtime-invoked-function-arn"),
    memoryLimitInMB: variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    logGroupName: variable("AWS_LAMBDA_LOG_GROUP_NAME"),
    logStreamName: variable("AWS_LAMBDA_LOG_STREAM_NAME"),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - machineNow(),
  };
}

/** Null when there is no handler, and the Runtime API knows why. */
async function loadHandler(): Promise<Handler | null> {
  try {
    return required(variable("_HANDLER"));
  } catch (error) {
    await postError("/init/error", error);
    return null;
  }
}

function required(name: string): Handler {
  const dot = name.lastIndexOf(".");
  const [file, property] = [name.slice(0, dot), name.slice(dot + 1)];
  const exported: unknown = Reflect.get(moduleAt(join(variable("LAMBDA_TASK_ROOT"), file)), property);
  if (typeof exported !== "function") {
    throw new RuntimeFailure("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  }
  // A third parameter would be a callback: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
  if (exported.length > 2) {
    throw new RuntimeFailure("Runtime.CallbackHandlerDeprecated", `${name} takes a callback, which Node 24 has not`);
  }
  return exported as Handler;
}

function moduleAt(path: string): object {
  try {
    return createRequire(import.meta.url)(path) as object;
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeFailure("Runtime.UserCodeSyntaxError", error.message);
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") {
      throw new RuntimeFailure("Runtime.ImportModuleError", error.message);
    }
    throw error;
  }
}

async function die(error: unknown, exitCode: number): Promise<void> {
  try {
    await postError(requestId === null ? "/init/error" : `/invocation/${requestId}/error`, error);
  } finally {
    process.exit(exitCode);
  }
}

async function postError(path: string, error: unknown): Promise<void> {
  const known = error instanceof Error ? error : new RuntimeFailure(typeof error, String(error));
  const body = { errorType: known.name, errorMessage: known.message, trace: (known.stack ?? "").split("\n") };
  await call("POST", path, JSON.stringify(body), {
    "Lambda-Runtime-Function-Error-Type": known.name.replaceAll(/[^\w.]/g, ""),
  });
}

type Reply = { readonly headers: IncomingHttpHeaders; readonly body: string };

function call(method: string, path: string, body = "", headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const content = method === "GET" ? {} : { "Content-Length": Buffer.byteLength(body) };
    const options = {
      host,
      port,
      method,
      path: `/2018-06-01/runtime${path}`,
      agent,
      headers: { ...headers, ...content },
    };
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ headers: incoming.headers, body: Buffer.concat(chunks).toString("utf8") }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  if (typeof value !== "string") throw new Error(`the Runtime API sent no ${name}`);
  return value;
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`environment variable ${name} is not set`);
  return value;
}
