import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { memoryStore } from "../../lambda/aws/memory-s3.ts";
import { s3Client } from "../../lambda/aws/state-s3.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";

const location = { bucket: "origin-watch-state", key: "memory.json" };
const minute = 60_000;

let aws: AwsEndpoint;
let denied: ReadonlySet<string>;
beforeEach(async () => {
  denied = new Set();
  aws = await startAwsEndpoint({ isAllowed: (action) => !denied.has(action) });
  for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

test("finds nothing at first, then what it wrote last", async () => {
  const store = memoryStore(s3Client(), location);
  expect(await store.read(minute)).toEqual({ kind: "missing" });
  for (const text of ["1\n", '{"Müller":1}\n']) expect(await store.write(text, minute)).toEqual({ kind: "written" });
  expect(await store.read(minute)).toEqual({ kind: "found", text: '{"Müller":1}\n' });
});

test("says what is missing when access is denied", async () => {
  denied = new Set(["s3:GetObject", "s3:PutObject"]);
  const store = memoryStore(s3Client(), location);
  const needs = (action: string) => ({
    kind: "failed",
    error: expect.stringContaining(`needs ${action} on s3://origin-watch-state/memory.json`),
  });
  expect(await store.read(minute)).toEqual(needs("s3:GetObject"));
  expect(await store.write("1", minute)).toEqual(needs("s3:PutObject"));
});

test.each(["s3:GetObject", "s3:PutObject"])("gives up a %s that hangs when its time is up", async (action) => {
  aws.failNext(action, "hang", 10);
  const store = memoryStore(s3Client(), location);
  const outcome = action === "s3:GetObject" ? store.read(20) : store.write("1", 20);
  expect(await outcome).toEqual({ kind: "failed", error: "time ran out" });
});
