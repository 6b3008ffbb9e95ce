import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Assembly, ResourceValues } from "./assembly.ts";
import { type FunctionError, type FunctionOptions, type LocalFunction, startFunction } from "./function.ts";
import { functionAt } from "./function-definition.ts";
import { writeTinyAssembly } from "./tiny-assembly.ts";

const values: ResourceValues = {
  "AWS::Partition": "aws",
  "AWS::Region": "eu-west-1",
  "AWS::AccountId": "123456789012",
  "Test/Table": "a-table",
};

let assembly: Assembly;
const open: LocalFunction[] = [];

beforeAll(() => {
  assembly = writeTinyAssembly();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((each) => each.close()));
});
afterAll(() => assembly.remove());

/** Elsewhere the system does not tell how much memory a process has had. */
const itOnLinux = it.runIf(process.platform === "linux");

async function start(name: string, options: Partial<FunctionOptions> = {}): Promise<LocalFunction> {
  const started = await startFunction(assembly, `Test/${name}`, { values, ...options });
  open.push(started);
  return started;
}

/** What the invocation, or the start, fails with. */
async function failure(attempt: Promise<unknown>): Promise<FunctionError> {
  return attempt.then(
    (value) => expect.fail(`a failure expected, got ${JSON.stringify(value)}`),
    (error: FunctionError) => error,
  );
}

describe("a function that is started from a template", () => {
  it("gets its event and a context", async () => {
    const configured = await start("Configured");
    const { value } = await configured.invoke({ event: { number: 1 } });
    expect(value).toMatchObject({
      event: { number: 1 },
      context: {
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        functionName: "Test-Configured",
        functionVersion: "$LATEST",
        invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:Test-Configured",
        memoryLimitInMB: "256",
        logGroupName: "/aws/lambda/Test-Configured",
        logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
        callbackWaitsForEmptyEventLoop: true,
      },
    });
    const { remaining } = value as { remaining: number };
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(60_000);
  });

  it("has the variables of its template, of Lambda and those that are added, and nothing of this process's", async () => {
    vi.stubEnv("SECRET_OF_THE_TEST", "x");
    const configured = await start("Configured", { additions: { ADDED: "added" } });
    const { value } = await configured.invoke();
    const { environment } = value as { environment: Record<string, string> };
    expect(environment).toMatchObject({
      TABLE: "a-table",
      ADDED: "added",
      AWS_REGION: "eu-west-1",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      _HANDLER: "index.echo",
      LAMBDA_TASK_ROOT: join(assembly.directory, "asset"),
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
    });
    expect(Object.keys(environment).toSorted()).toEqual([
      "ADDED",
      "AWS_ACCESS_KEY_ID",
      "AWS_DEFAULT_REGION",
      "AWS_EXECUTION_ENV",
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
      "AWS_LAMBDA_FUNCTION_NAME",
      "AWS_LAMBDA_FUNCTION_VERSION",
      "AWS_LAMBDA_INITIALIZATION_TYPE",
      "AWS_LAMBDA_LOG_FORMAT",
      "AWS_LAMBDA_LOG_GROUP_NAME",
      "AWS_LAMBDA_LOG_STREAM_NAME",
      "AWS_LAMBDA_RUNTIME_API",
      "AWS_REGION",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "LAMBDA_RUNTIME_DIR",
      "LAMBDA_TASK_ROOT",
      "LANG",
      "PATH",
      "TABLE",
      "TMPDIR",
      "TZ",
      "_HANDLER",
      "_X_AMZN_TRACE_ID",
    ]);
  });

  it("keeps its process from one invocation to the next", async () => {
    const count = await start("count");
    expect([(await count.invoke()).value, (await count.invoke()).value]).toEqual([1, 2]);
  });

  it("has a later time than the machine where a test says so, and the same time left", async () => {
    const time = await start("time");
    const ahead = 3 * 24 * 60 * 60_000;
    const before = Date.now();
    const { value } = await time.invoke({ clockAheadMs: ahead, timeoutMs: 50_000 });
    const after = Date.now();
    const { now, made, epoch, isDate, remaining } = value as Readonly<Record<string, number>>;
    for (const read of [now, made]) {
      expect(read).toBeGreaterThanOrEqual(before + ahead);
      expect(read).toBeLessThanOrEqual(after + ahead);
    }
    expect([epoch, isDate]).toEqual(["1970-01-01T00:00:00.000Z", true]);
    expect(remaining).toBeLessThanOrEqual(50_000);
    const { value: next } = await time.invoke();
    expect((next as { now: number }).now).toBeLessThanOrEqual(Date.now());
  });

  it("returns null for nothing", async () => {
    expect((await (await start("nothing")).invoke()).value).toBeNull();
  });

  it("hands over the lines that it wrote, whole and with their invocation", async () => {
    const logs = await start("logs");
    const long = "é".repeat(300_000);
    expect((await logs.invoke({ event: { lines: ["one", long] } })).logs).toEqual(["one", long, "to the other stream"]);
    expect((await logs.invoke({ event: { lines: ["two"] } })).logs).toEqual(["two", "to the other stream"]);
  });

  it("reports the error that it throws, and goes on in the same process", async () => {
    const count = await start("count");
    await count.invoke();
    const error = await failure(count.invoke({ event: { fail: true } }));
    expect(error).toMatchObject({ errorType: "TypeError", message: expect.stringContaining("not like this") });
    expect(error.trace[1]).toContain("index.js");
    expect((await count.invoke()).value).toBe(3);
    expect(await failure((await start("throwsText")).invoke())).toMatchObject({ errorType: "string" });
  });

  it("ends with an error that nobody waits for, and is started anew", async () => {
    const rejects = await start("rejects");
    const again = async () => (await failure(rejects.invoke())).errorType;
    expect([await again(), await again()]).toEqual(Array(2).fill("Runtime.UnhandledPromiseRejection"));
  });

  it("may end its process, which is an error", async () => {
    const exits = await start("exits");
    expect(await failure(exits.invoke({ event: { code: 3 } }))).toMatchObject({
      errorType: "Runtime.ExitError",
      message: expect.stringContaining("exit status 3"),
    });
  });
});

describe("the limits", () => {
  it("end an invocation that takes too long, with its process", async () => {
    const short = await start("Short");
    const error = await failure(short.invoke());
    expect(error).toMatchObject({
      errorType: "Sandbox.Timedout",
      message: expect.stringContaining("Task timed out after 1.00 seconds"),
    });
    const [pid] = error.logs;
    expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
    expect(await failure(short.invoke({ timeoutMs: 100 }))).toMatchObject({
      message: expect.stringContaining("after 0.10 seconds"),
    });
  });

  it.each(["Spins", "Lingers"])("need no help of the process: %s", async (name) => {
    expect(await failure((await start(name)).invoke())).toMatchObject({ errorType: "Sandbox.Timedout" });
  });

  it("take no answer for lost because a process did nothing for longer than a connection is kept without use", async () => {
    const sleeps = await start("sleeps");
    expect((await sleeps.invoke({ event: { ms: 8_000 } })).value).toBe("timed-out");
    expect((await sleeps.invoke({ event: { ms: 1 } })).value).toBe("timed-out");
  });

  itOnLinux("let a process have the memory of the template and no more, be it for a moment", async () => {
    const eats = await start("eats");
    const { peakMemoryMb } = await eats.invoke({ event: { mb: 10 } });
    expect(peakMemoryMb).toBeGreaterThan(40);
    expect(peakMemoryMb).toBeLessThan(128);
    expect(await failure(eats.invoke({ event: { mb: 200 } }))).toMatchObject({ errorType: "Runtime.OutOfMemory" });
    expect((await eats.invoke({ event: { mb: 10 } })).value).toBe(10);
  });

  itOnLinux("end a process that has had too much before its time is over", async () => {
    const eats = await start("eats");
    const event = { mb: 200, afterwards: "waits" };
    expect(await failure(eats.invoke({ event, timeoutMs: 60_000 }))).toMatchObject({
      errorType: "Runtime.OutOfMemory",
    });
  });

  it("give V8 the heap that Lambda's runtime would", async () => {
    const { value } = await (await start("heap")).invoke();
    // Nine tenths of 128 MB, and three semi-spaces of 6 MB, which V8 rounds up to 8.
    expect(value).toBe(116 + 24);
  });

  it("let it write to its own /tmp and nowhere else", async () => {
    const writes = await start("writes");
    expect((await writes.invoke({ event: { path: "tmp" } })).value).toBe("x");
    for (const path of [join(assembly.directory, "asset"), assembly.directory, tmpdir(), "."]) {
      const error = await failure(writes.invoke({ event: { path } }));
      expect([path, error.message]).toEqual([path, expect.stringContaining("restricted")]);
    }
    expect(readdirSync(assembly.directory).toSorted()).toEqual(["asset", "manifest.json", "test.template.json"]);
    expect(readdirSync(join(assembly.directory, "asset"))).not.toContain("written");
  });

  it("let it start no process that would have no limits", async () => {
    expect((await failure((await start("spawns")).invoke())).message).toContain("restricted");
  });

  it("let it return 6 MB and no more", async () => {
    const big = await start("big");
    const tooMuch = await failure(big.invoke({ event: { bytes: 6_291_557 } }));
    expect(tooMuch.errorType).toBe("Function.ResponseSizeTooLarge");
    expect((await big.invoke({ event: { bytes: 6_291_556 } })).value).toHaveLength(6_291_554);
  });
});

describe("a handler that cannot be loaded", () => {
  it.each([
    ["Missing", "Runtime.ImportModuleError", "absent"],
    ["NotExported", "Runtime.HandlerNotFound", "index.absent"],
    ["callback", "Runtime.CallbackHandlerDeprecated", "callback"],
    ["Broken", "Runtime.UserCodeSyntaxError", ""],
    ["Throwing", "RangeError", "at load"],
  ])("is an error of the start: %s", async (name, errorType, words) => {
    const error = await failure(start(name));
    expect(error).toMatchObject({ errorType, message: expect.stringContaining(words) });
    if (name === "Throwing") expect(error.logs).toEqual(["about to"]);
  });
});

describe("a handler that takes too long to load", () => {
  it("is an error of the start", async () => {
    const error = await failure(start("Endless", { initTimeoutMs: 500 }));
    expect(error).toMatchObject({ errorType: "Sandbox.Timedout", message: expect.stringContaining("0.50 seconds") });
  });
});

describe("what a template says of a function", () => {
  it.each([
    ["Test/Unresolved", "no value for Test/Other"],
    ["Test/Layered", "has Layers, for which nothing stands in here"],
    ["Test/Table", "is AWS::DynamoDB::Table and no function"],
    ["Test/Nowhere", "no resource at Test/Nowhere; there are functions at Test/echo"],
  ])("is read strictly: %s", (path, message) => {
    expect(() => functionAt(assembly, path, values)).toThrow(message);
  });

  it.each(["TABLE", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME"])("cannot be overridden: %s", async (name) => {
    await expect(start("Configured", { additions: { [name]: "x" } })).rejects.toThrow(
      `${name} is set by the template or by Lambda`,
    );
  });
});
