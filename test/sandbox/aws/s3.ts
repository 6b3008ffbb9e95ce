import { createHash, randomUUID } from "node:crypto";
import type { AwsReply, AwsRequest, Service } from "./exchange.ts";
import { readPayload } from "./s3-payload.ts";
import { document, element } from "./xml.ts";

/** One version of an object; versions are kept oldest first, as in a versioned bucket. */
export type ObjectVersion = {
  readonly versionId: string;
  /** With the quotation marks that belong to it. */
  readonly etag: string;
  readonly body: Buffer;
  /** Headers that come back with the object: content type, checksums. */
  readonly headers: Readonly<Record<string, string>>;
};

/** The account's objects. */
export type ObjectStore = {
  /** All versions, oldest first; empty when there is no such object. */
  versions(bucket: string, key: string): readonly ObjectVersion[];
  put(bucket: string, key: string, body: string | Buffer, headers?: Readonly<Record<string, string>>): ObjectVersion;
};

export function createObjectStore(): ObjectStore {
  const objects = new Map<string, ObjectVersion[]>();
  const versions = (bucket: string, key: string) => objects.get(`${bucket}/${key}`) ?? [];
  return {
    versions,
    put(bucket, key, body, headers = {}) {
      const bytes = Buffer.from(body);
      const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
      const version = { versionId: randomUUID(), etag, body: bytes, headers };
      objects.set(`${bucket}/${key}`, [...versions(bucket, key), version]);
      return version;
    },
  };
}

export type S3Options = {
  readonly partition: string;
  /** Undefined: every bucket exists. */
  readonly buckets: readonly string[] | undefined;
  /** S3 tells a missing object from a forbidden one only to those who may list the bucket. */
  mayListBucket(arn: string): boolean;
};

/** S3's GetObject and PutObject with conditional requests, in path style and virtual-host style. */
export function s3Service(store: ObjectStore, options: S3Options): Service {
  return {
    operation(request) {
      const { bucket, key } = locate(request);
      if (key === "") return undefined;
      const exists = options.buckets?.includes(bucket) ?? true;
      const arn = `arn:${options.partition}:s3:::${bucket}`;
      const noBucket = () => s3Error(404, "NoSuchBucket", "The specified bucket does not exist");
      const resource = `${arn}/${key}`;
      switch (request.method) {
        case "GET":
          return {
            action: "s3:GetObject",
            resource,
            perform: () =>
              exists ? read(request, store.versions(bucket, key), options.mayListBucket(arn)) : noBucket(),
          };
        case "PUT":
          return {
            action: "s3:PutObject",
            resource,
            perform: () => (exists ? write(request, store, bucket, key) : noBucket()),
          };
        default:
          return undefined;
      }
    },
    error: s3Error,
    throttled: s3Error(503, "SlowDown", "Please reduce your request rate."),
    denied: (action, resource) =>
      s3Error(
        403,
        "AccessDenied",
        `User is not authorized to perform: ${action} on resource: "${resource}" because no identity-based policy allows the ${action} action`,
      ),
  };
}

/** An error in S3's own XML, which has no wrapper around it. */
function s3Error(status: number, code: string, message: string): AwsReply {
  const body = document(element("Error", { Code: code, Message: message, RequestId: randomUUID(), HostId: "sandbox" }));
  return { status, headers: { "content-type": "application/xml" }, body };
}

/** `bucket.host/key` where the host is a name; `host/bucket/key` where it is an IP address, as the SDK does. */
function locate(request: AwsRequest): { readonly bucket: string; readonly key: string } {
  const host = request.host.replace(/:\d+$/, "");
  const virtual = /^(?<bucket>.+?)\.(?:127\.0\.0\.1|localhost|s3\..+)$/.exec(host)?.groups?.bucket;
  const segments = request.path.slice(1).split("/").map(decodeURIComponent);
  return virtual === undefined
    ? { bucket: segments[0] ?? "", key: segments.slice(1).join("/") }
    : { bucket: virtual, key: segments.join("/") };
}

function read(request: AwsRequest, versions: readonly ObjectVersion[], mayListBucket: boolean): AwsReply {
  const latest = versions.at(-1);
  if (latest === undefined) {
    return mayListBucket
      ? s3Error(404, "NoSuchKey", "The specified key does not exist.")
      : s3Error(403, "AccessDenied", "User is not authorized to perform: s3:ListBucket");
  }
  const identity = { etag: latest.etag, "x-amz-version-id": latest.versionId };
  if (fails(request.headers["if-match"], latest.etag)) return preconditionFailed;
  if (matches(request.headers["if-none-match"], latest.etag)) return { status: 304, headers: identity };
  return { status: 200, headers: { ...latest.headers, ...identity }, body: latest.body };
}

function write(request: AwsRequest, store: ObjectStore, bucket: string, key: string): AwsReply {
  const payload = readPayload(request);
  if (payload.kind === "invalid") return s3Error(400, payload.code, payload.message);
  const latest = store.versions(bucket, key).at(-1);
  if (request.headers["if-match"] !== undefined && latest === undefined) {
    return s3Error(404, "NoSuchKey", "The specified key does not exist.");
  }
  if (latest !== undefined && fails(request.headers["if-match"], latest.etag)) return preconditionFailed;
  if (latest !== undefined && matches(request.headers["if-none-match"], latest.etag)) return preconditionFailed;
  const version = store.put(bucket, key, payload.body, payload.headers);
  return { status: 200, headers: { etag: version.etag, "x-amz-version-id": version.versionId } };
}

function fails(ifMatch: string | undefined, etag: string): boolean {
  return ifMatch !== undefined && !matches(ifMatch, etag);
}

function matches(condition: string | undefined, etag: string): boolean {
  const unquoted = (value: string) => value.replaceAll('"', "");
  return condition !== undefined && (condition === "*" || unquoted(condition) === unquoted(etag));
}

const preconditionFailed = s3Error(
  412,
  "PreconditionFailed",
  "At least one of the pre-conditions you specified did not hold",
);
