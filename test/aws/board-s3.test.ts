import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { boardStore, readBoard } from "../../lambda/aws/board-s3.ts";
import { s3Client } from "../../lambda/aws/state-s3.ts";
import { maxBoardBytes } from "../../lambda/board/board.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";

const location = { bucket: "origin-watch-state", key: "board.json.gz" };
const name = "s3://origin-watch-state/board.json.gz";

describe("the board in S3", () => {
  let aws: AwsEndpoint;
  let denied: ReadonlySet<string>;
  beforeEach(async () => {
    denied = new Set();
    aws = await startAwsEndpoint({ buckets: [location.bucket], isAllowed: (action) => !denied.has(action) });
    for (const [variable, value] of Object.entries(aws.environment)) vi.stubEnv(variable, value);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.close();
  });

  const store = (text: string, withinMs = 20_000, replacing = true) =>
    boardStore(s3Client(), location)(text, withinMs, replacing);
  const read = (withinMs = 20_000) => readBoard(s3Client(), location, AbortSignal.timeout(withinMs));
  const put = (body: string | Buffer) => aws.objects.put(location.bucket, location.key, body);

  test("is missing at first, and then what was written last", async () => {
    expect(await read()).toEqual({ kind: "missing" });
    await store("the first");
    const text = `{"Müller":"${"\u{1f642}".repeat(1_000)}"}`;
    const stored = await store(text);
    expect(await read()).toEqual({ kind: "found", text });
    const [, object] = aws.objects.versions(location.bucket, location.key);
    expect(stored).toEqual({ kind: "stored", bytes: object?.body.length });
    expect(object?.body.length).toBeLessThan(Buffer.byteLength(text) / 10);
    expect(gunzipSync(object?.body ?? "").toString()).toBe(text);
  });

  test("stays where the next one is not to replace it, and is written where there is none", async () => {
    expect(await store("the first", 20_000, false)).toMatchObject({ kind: "stored" });
    expect(await store("the second", 20_000, false)).toEqual({ kind: "last-kept" });
    expect(await read()).toEqual({ kind: "found", text: "the first" });
  });

  test("is not found by a client that would unpack it by itself", async () => {
    await store("{}");
    const [object] = aws.objects.versions(location.bucket, location.key);
    expect(object?.headers).toMatchObject({ "content-type": "application/gzip" });
    expect(Object.keys(object?.headers ?? {})).not.toContain("content-encoding");
  });

  test.each(["throttle", "internal-error"] as const)("gets over %s", async (fault) => {
    aws.failNext("s3:PutObject", fault, 2);
    aws.failNext("s3:GetObject", fault, 2);
    expect((await store("{}")).kind).toBe("stored");
    expect(await read()).toEqual({ kind: "found", text: "{}" });
  });

  test.each([
    ["text", Buffer.from("{}"), "it is not gzip"],
    ["half of a board", gzipSync("x".repeat(10_000)).subarray(0, 20), "it is not gzip"],
    ["nothing", Buffer.alloc(0), "it is not gzip"],
    ["a bomb", gzipSync(Buffer.alloc(100 * 1024 * 1024)), "it is larger than 9437184 bytes"],
  ])("is unreadable when somebody else wrote %s", async (_, body, problem) => {
    put(body);
    expect(await read()).toEqual({ kind: "unreadable", problem });
  });

  test("is not taken from the connection when it is larger than any board is unpacked", async () => {
    put(Buffer.alloc(maxBoardBytes + 1024 * 1024 + 1));
    expect(await read()).toEqual({
      kind: "failed",
      error: `${name} is larger than 9437184 bytes`,
      denied: null,
    });
  });

  test("names the permission that is missing", async () => {
    denied = new Set(["s3:GetObject", "s3:PutObject"]);
    expect(await store("{}")).toEqual({
      kind: "failed",
      error: `access denied: the function's role needs s3:PutObject on ${name}, and kms:GenerateDataKey on the bucket's key if it has one`,
    });
    const needed = `s3:GetObject on ${name}, and s3:ListBucket on the bucket, without which a missing object looks forbidden; and kms:Decrypt on the bucket's key if it has one`;
    expect(await read()).toEqual({
      kind: "failed",
      error: `access denied: the function's role needs ${needed}`,
      denied: needed,
    });
    denied = new Set(["s3:ListBucket"]);
    expect(await read()).toMatchObject({ kind: "failed", error: expect.stringContaining("s3:ListBucket") });
  });

  test("ends the wait for an S3 that hangs when the time is up", async () => {
    aws.failNext("s3:PutObject", "hang");
    aws.failNext("s3:GetObject", "hang");
    expect(await store("{}", 50)).toEqual({ kind: "failed", error: "time ran out" });
    expect(await read(50)).toEqual({ kind: "failed", error: "time ran out", denied: null });
  });
});
