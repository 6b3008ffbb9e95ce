import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { s3Client, s3State } from "../../lambda/aws/state-s3.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";

/** Milliseconds that a call may take. */
const minute = 60_000;
const location = { bucket: "origin-watch-state", key: "runs/state.json" };

describe("s3State", () => {
  let aws: AwsEndpoint;
  let denied: ReadonlySet<string>;
  let state: ReturnType<typeof s3State>;
  beforeEach(async () => {
    denied = new Set();
    aws = await startAwsEndpoint({ buckets: [location.bucket], isAllowed: (action) => !denied.has(action) });
    for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
    state = s3State(s3Client(), location);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.close();
  });

  const versions = (key = location.key) =>
    aws.objects.versions(location.bucket, key).map(({ body }) => body.toString());

  test("finds nothing at first, then what it wrote", async () => {
    expect(await state.readState(minute)).toEqual({ kind: "missing" });
    const text = '{"Müller":"\u{1f642}"}\n';
    const written = await state.writeState(text, null, minute);
    expect(written).toEqual({ kind: "written", etag: expect.stringMatching(/^".+"$/) });
    expect(await state.readState(minute)).toEqual({
      kind: "found",
      text,
      etag: written.kind === "written" ? written.etag : "",
    });
  });

  test("replaces only the object that was read", async () => {
    const first = await state.writeState("1", null, minute);
    const etag = first.kind === "written" ? first.etag : "";
    expect((await state.writeState("2", etag, minute)).kind).toBe("written");
    expect(await state.writeState("3", etag, minute)).toEqual({ kind: "conflict" });
    expect(await state.writeState("4", null, minute)).toEqual({ kind: "conflict" });
    expect(versions()).toEqual(["1", "2"]);
  });

  test.each(["GetObject", "PutObject"])("gives up a %s that hangs when its time is up", async (action) => {
    const written = await state.writeState("1", null, minute);
    const etag = written.kind === "written" ? written.etag : "";
    aws.failNext(`s3:${action}`, "hang", 10);
    const outOfTime = { kind: "failed", error: "time ran out" };
    expect(await (action === "GetObject" ? state.readState(20) : state.writeState("2", etag, 20))).toEqual(outOfTime);
    expect(await state.keepAside(etag, 20)).toEqual(outOfTime);
  });

  test("calls it a conflict when the object is gone or being written", async () => {
    expect(await state.writeState("1", '"0123"', minute)).toEqual({ kind: "conflict" });
    aws.failNext("s3:PutObject", "conflict");
    expect(await state.writeState("1", null, minute)).toEqual({ kind: "conflict" });
    expect(versions()).toEqual([]);
  });

  test.each(["throttle", "internal-error"] as const)("gets over %s", async (fault) => {
    aws.failNext("s3:PutObject", fault, 2);
    aws.failNext("s3:GetObject", fault, 2);
    expect((await state.writeState("1", null, minute)).kind).toBe("written");
    expect((await state.readState(minute)).kind).toBe("found");
  });

  test("calls a write whose answer was lost a conflict, so that the caller looks again", async () => {
    aws.failNext("s3:PutObject", "drop-after-success");
    expect(await state.writeState("1", null, minute)).toEqual({ kind: "conflict" });
    expect(versions()).toEqual(["1"]);
  });

  test("names the permission that is missing", async () => {
    denied = new Set(["s3:PutObject", "s3:GetObject"]);
    const name = "s3://origin-watch-state/runs/state.json";
    expect(await state.readState(minute)).toEqual({
      kind: "failed",
      error: `access denied: the function's role needs s3:GetObject on ${name}, and s3:ListBucket on the bucket, without which a missing object looks forbidden`,
    });
    expect(await state.writeState("1", null, minute)).toEqual({
      kind: "failed",
      error: `access denied: the function's role needs s3:PutObject on ${name}`,
    });
    expect(await state.keepAside('"1"', minute)).toEqual({
      kind: "failed",
      error: `access denied: the function's role needs s3:GetObject on ${name} and s3:PutObject on ${name}.*`,
    });
  });

  test("does not take a missing bucket for a missing state", async () => {
    const elsewhere = s3State(s3Client(), { ...location, bucket: "other" });
    expect(await elsewhere.readState(minute)).toMatchObject({
      kind: "failed",
      error: expect.stringContaining("NoSuchBucket"),
    });
  });

  test("copies exactly the bytes that were read aside, and never twice", async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x7b]);
    const { etag } = aws.objects.put(location.bucket, location.key, bytes);
    const kept = await state.keepAside(etag, minute);
    const key = `${location.key}.unreadable-${etag.replaceAll('"', "")}`;
    expect(kept).toEqual({ kind: "kept", location: `s3://${location.bucket}/${key}` });
    expect(aws.objects.versions(location.bucket, key).at(-1)?.body).toEqual(bytes);
    expect(await state.keepAside(etag, minute)).toEqual(kept);
  });

  test("copies nothing when another state has taken its place", async () => {
    const { etag } = aws.objects.put(location.bucket, location.key, "damaged");
    aws.objects.put(location.bucket, location.key, "{}");
    expect((await state.keepAside(etag, minute)).kind).toBe("failed");
  });
});
