import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answer, type Invocation, mostPayloadBytes, type RuntimeApi, startRuntimeApi } from "./runtime-api.ts";

let api: RuntimeApi;
beforeEach(async () => {
  api = await startRuntimeApi();
});
afterEach(() => api.close());

const invocation: Invocation = {
  requestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  deadline: 1_542_409_706_888,
  functionArn: "arn:aws:lambda:us-east-2:123456789012:function:custom-runtime",
  traceId: "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
  event: { number: 1 },
};

type Reply = { readonly status: number | undefined; readonly headers: object; readonly body: unknown };

/** As a runtime would call. */
function call(method: string, path: string, body = ""): Promise<Reply> {
  const [host, port] = api.address.split(":");
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, method, path: `/2018-06-01/runtime${path}` }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      incoming.on("end", () => {
        resolve({ status: incoming.statusCode, headers: incoming.headers, body: JSON.parse(text) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const next = () => call("GET", "/invocation/next");
const answerPath = (what: string, id = invocation.requestId) => `/invocation/${id}/${what}`;

describe("the Runtime API", () => {
  it("gives a runtime that waits an event, with what belongs to it in headers", async () => {
    const polled = next();
    await api.idle();
    void api.invoke(invocation);
    expect(await polled).toMatchObject({
      status: 200,
      headers: {
        "lambda-runtime-aws-request-id": invocation.requestId,
        "lambda-runtime-deadline-ms": "1542409706888",
        "lambda-runtime-invoked-function-arn": invocation.functionArn,
        "lambda-runtime-trace-id": invocation.traceId,
        "sandbox-clock-ahead-ms": "0",
      },
      body: { number: 1 },
    });
  });

  it("keeps an event for a runtime that does not wait yet", async () => {
    void api.invoke(invocation);
    expect((await next()).body).toEqual({ number: 1 });
  });

  it("takes a response", async () => {
    const answer = api.invoke(invocation);
    await next();
    expect(await call("POST", answerPath("response"), '{"done":true}')).toMatchObject({
      status: 202,
      body: { status: "OK" },
    });
    expect(await answer).toEqual({ kind: "returned", value: { done: true } });
  });

  it("takes an error", async () => {
    const answer = api.invoke(invocation);
    await next();
    const error = { errorType: "TypeError", errorMessage: "no", trace: ["TypeError: no", "    at x"] };
    expect((await call("POST", answerPath("error"), JSON.stringify(error))).status).toBe(202);
    expect(await answer).toEqual({ kind: "failed", error });
  });

  it("takes one answer for each event, by its id, and gives one event at a time", async () => {
    const answer = api.invoke(invocation);
    expect((await call("POST", answerPath("response"), "1")).status).toBe(400);
    await next();
    expect((await next()).status).toBe(403);
    expect(() => api.invoke(invocation)).toThrow("under way");
    expect((await call("POST", answerPath("response", "other"), "1")).status).toBe(400);
    expect((await call("POST", answerPath("response"), "2")).status).toBe(202);
    expect((await call("POST", answerPath("response"), "3")).status).toBe(400);
    expect(await answer).toEqual({ kind: "returned", value: 2 });
  });

  it("is idle when the runtime waits, not when it has answered", async () => {
    const idle: string[] = [];
    const watch = (name: string) => api.idle().then(() => idle.push(name));
    const answer = api.invoke(invocation);
    await next();
    const watched = watch("after the answer");
    await call("POST", answerPath("response"), "null");
    await answer;
    expect(idle).toEqual([]);
    void next().catch(() => undefined);
    await watched;
    await watch("still");
    expect(idle).toEqual(["after the answer", "still"]);
  });

  it.each([
    ["as much as Lambda takes", mostPayloadBytes, 202, { kind: "returned" }],
    [
      "a byte more",
      mostPayloadBytes + 1,
      413,
      { kind: "failed", error: { errorType: "Function.ResponseSizeTooLarge" } },
    ],
  ] as const)("takes a response of 6 MB and no larger: %s", async (_name, bytes, status, expected) => {
    const answer: Promise<Answer> = api.invoke(invocation);
    await next();
    expect((await call("POST", answerPath("response"), `"${"x".repeat(bytes - 2)}"`)).status).toBe(status);
    expect(await answer).toMatchObject(expected);
  });

  it("gives no event that is larger", () => {
    expect(() => api.invoke({ ...invocation, event: "x".repeat(mostPayloadBytes) })).toThrow("too large");
  });

  it("does not pass on as a value what is no JSON", async () => {
    const answer = api.invoke(invocation);
    await next();
    await call("POST", answerPath("response"), "{");
    expect(await answer).toMatchObject({ kind: "failed", error: { errorType: "Runtime.InvalidResponse" } });
  });

  it("takes an error of the start, once and before all else", async () => {
    const error = { errorType: "Runtime.ImportModuleError", errorMessage: "no such file", trace: [] };
    expect((await call("POST", "/init/error", JSON.stringify(error))).status).toBe(202);
    expect(await api.initialised).toEqual(error);
    expect((await call("POST", "/init/error", JSON.stringify(error))).status).toBe(403);
  });

  it("counts the first question for an event as a start that went well", async () => {
    void next().catch(() => undefined);
    expect(await api.initialised).toBeNull();
    expect((await call("POST", "/init/error", "{}")).status).toBe(403);
  });

  it.each([
    ["GET", "/invocation/last"],
    ["PUT", answerPath("response")],
    ["POST", answerPath("praise")],
  ])("knows nothing else: %s %s", async (method, path) => {
    void api.invoke(invocation);
    await next();
    expect((await call(method, path, "1")).status).toBe(404);
  });
});
