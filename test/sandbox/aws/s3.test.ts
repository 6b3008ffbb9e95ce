import { get as httpGet } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AwsEndpoint, startAwsEndpoint } from "./endpoint.ts";

let aws: AwsEndpoint;
let client: S3Client;
let mayList: boolean;

beforeEach(async () => {
  mayList = true;
  aws = await startAwsEndpoint({
    buckets: ["state"],
    isAllowed: (action) => action !== "s3:ListBucket" || mayList,
  });
  client = new S3Client({
    ...aws.client,
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await aws.close();
});

const put = (input: Partial<PutObjectCommandInput> = {}) => {
  return client.send(new PutObjectCommand({ Bucket: "state", Key: "a/b.json", Body: "one", ...input }));
};

const get = (key = "a/b.json", bucket = "state") => client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));

describe("PutObject and GetObject", () => {
  it("give back what was stored", async () => {
    const { ETag, VersionId } = await put({ Body: "größe", ContentType: "application/json" });
    const stored = await get();
    expect(await stored.Body?.transformToString()).toBe("größe");
    expect([stored.ETag, stored.VersionId, stored.ContentType]).toEqual([ETag, VersionId, "application/json"]);
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
  });

  it("keep every version", async () => {
    await put({ Body: "one" });
    await put({ Body: "two" });
    expect(aws.objects.versions("state", "a/b.json").map((version) => version.body.toString())).toEqual(["one", "two"]);
  });

  it("take streams with a checksum in the trailer", async () => {
    const Body = Readable.from([Buffer.alloc(70_000, "a"), Buffer.from("end")]);
    await put({ Body, ContentLength: 70_003 });
    expect(aws.objects.versions("state", "a/b.json")[0]?.body.toString()).toBe(`${"a".repeat(70_000)}end`);
  });

  it("take keys with spaces and other letters", async () => {
    await put({ Key: "süd/a b+c%.json" });
    expect(await (await get("süd/a b+c%.json")).Body?.transformToString()).toBe("one");
    expect(aws.calls[0]?.resource).toBe("arn:aws:s3:::state/süd/a b+c%.json");
  });

  it("serve objects that were put there by hand", async () => {
    aws.objects.put("state", "a/b.json", "by hand");
    expect(await (await get()).Body?.transformToString()).toBe("by hand");
  });

  it("reject a body that does not match its checksum", async () => {
    await expect(put({ ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ name: "BadDigest" });
    expect(aws.objects.versions("state", "a/b.json")).toEqual([]);
  });
});

describe("conditional writes", () => {
  it("create only what is not there", async () => {
    await put({ IfNoneMatch: "*" });
    await expect(put({ IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
    expect(aws.calls.map((call) => call.status)).toEqual([200, 412]);
  });

  it("replace only the version that was read", async () => {
    const first = await put({ Body: "one" });
    await put({ Body: "two", IfMatch: first.ETag });
    await expect(put({ Body: "three", IfMatch: first.ETag })).rejects.toMatchObject({ name: "PreconditionFailed" });
    expect(aws.objects.versions("state", "a/b.json").at(-1)?.body.toString()).toBe("two");
  });

  it("do not replace what is not there", async () => {
    await expect(put({ IfMatch: '"0"' })).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

describe("what is missing", () => {
  it("is told to those who may list the bucket, and forbidden to the others", async () => {
    await expect(get()).rejects.toMatchObject({ name: "NoSuchKey" });
    mayList = false;
    await expect(get()).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("can be the bucket", async () => {
    await expect(get("a/b.json", "elsewhere")).rejects.toMatchObject({ name: "NoSuchBucket" });
  });
});

it.each(["state.localhost", "state.s3.us-east-1.amazonaws.com", "state.127.0.0.1"])(
  "understands virtual-host style: %s",
  async (host) => {
    aws.objects.put("state", "a/b.json", "hello");
    expect(await bodyOf(`${aws.url}/a/b.json`, host)).toBe("hello");
  },
);

/** Sends what `fetch` would not: a Host header of our own. */
function bodyOf(url: string, host: string): Promise<string> {
  const authorization = "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request";
  return new Promise((resolve, reject) => {
    httpGet(url, { headers: { host, authorization } }, (response) => resolve(text(response))).on("error", reject);
  });
}
