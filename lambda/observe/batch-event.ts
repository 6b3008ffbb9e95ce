import { isIP } from "node:net";
import * as v from "valibot";
import { readDomainName } from "../configuration/domain-name.ts";
import { mostAddressesInVpc } from "../contract/vpc.ts";
import type { ConnectionToObserve } from "./observer.ts";

/**
 * What the function that watches hands to a worker, as the one who sends it writes it and the worker reads it. A batch
 * holds what a handshake needs and nothing else: no comment, no tag, no name of an account.
 */
export type BatchEvent = {
  /** Of the event and of its answer; the two functions are deployed one after the other and may differ for a while. */
  readonly schemaVersion: typeof batchSchemaVersion;
  readonly runId: string;
  /** Which batch of the run. */
  readonly batch: string;
  /** Chosen for this call alone, so that the answer to another one is recognised. */
  readonly nonce: string;
  /** Milliseconds since the epoch, after which nobody waits for the answer. */
  readonly deadline: number;
  readonly connections: readonly ConnectionToObserve[];
};

export const batchSchemaVersion = 1;
/** Connections in a batch. */
export const mostInBatch = 500;

const name = v.pipe(
  v.string(),
  v.maxLength(255),
  v.check((text) => readDomainName(text).kind === "name"),
);
const id = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,64}$/));
/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html */
const port = v.pipe(
  v.number(),
  v.integer(),
  v.check((number) => number === 80 || number === 443 || (number >= 1_024 && number <= 65_535)),
);
const protocol = v.picklist(["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"]);

const settings = {
  key: v.pipe(v.string(), v.minLength(1), v.maxLength(2_048)),
  scheme: v.picklist(["https", "http"]),
  domain: name,
  port,
  httpPort: v.exactOptional(port),
  serverName: v.nullable(name),
  originSslProtocols: v.pipe(v.array(protocol), v.maxLength(4)),
  ipAddressType: v.picklist(["ipv4", "ipv6", "dualstack"]),
  // CloudFront's own limits: https://docs.aws.amazon.com/AmazonCloudFront/latest/APIReference/API_Origin.html
  connectTimeoutMs: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)),
  connectAttempts: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3)),
  alpn: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z0-9./-]{1,16}$/))), v.maxLength(4)),
  share: v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.maxLength(4)),
  alias: v.exactOptional(name),
  leftOut: v.boolean(),
};

/** What can be asked of a worker: what anybody on the internet can do. */
export const connectionSchema: v.GenericSchema<unknown, ConnectionToObserve> = v.strictObject(settings);

const address = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0),
);

/** What can be asked of a worker inside a VPC besides, in a batch that only the function that watches can have written. */
export const connectionInVpcSchema: v.GenericSchema<unknown, ConnectionToObserve> = v.strictObject({
  ...settings,
  addresses: v.pipe(v.array(address), v.minLength(1), v.maxLength(mostAddressesInVpc)),
});

const eventOf = (connection: typeof connectionSchema): v.GenericSchema<unknown, BatchEvent> =>
  v.strictObject({
    schemaVersion: v.literal(batchSchemaVersion),
    runId: id,
    batch: id,
    nonce: id,
    deadline: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    connections: v.pipe(v.array(connection), v.minLength(1), v.maxLength(mostInBatch)),
  });
const eventSchema = eventOf(connectionSchema);
const eventInVpcSchema = eventOf(connectionInVpcSchema);

/** Why a worker does not look at a batch. */
export type Refusal =
  | "other-release"
  | "not-a-batch"
  /** Of one that gets its batches by reference: it could not read the batch, or not store its answer. */
  | "batch-unreadable"
  | "answer-not-stored";

export type BatchEventReading =
  | { readonly kind: "batch"; readonly batch: BatchEvent }
  | { readonly kind: "refused"; readonly why: Refusal };

/** Reads what a worker was invoked with. One key too many, and all of it is refused: nothing in an event widens what a worker may do. */
export function readBatchEvent(event: unknown): BatchEventReading {
  return read(event, eventSchema);
}

/** Reads a batch for a worker inside a VPC: all its connections go to addresses that it names. */
export function readBatchInVpc(batch: unknown): BatchEventReading {
  return read(batch, eventInVpcSchema);
}

function read(event: unknown, schema: typeof eventSchema): BatchEventReading {
  const version = v.safeParse(v.looseObject({ schemaVersion: v.number() }), event);
  if (version.success && version.output.schemaVersion !== batchSchemaVersion) {
    return { kind: "refused", why: "other-release" };
  }
  const parsed = v.safeParse(schema, event, { abortEarly: true });
  if (!parsed.success) return { kind: "refused", why: "not-a-batch" };
  const keys = new Set(parsed.output.connections.map(({ key }) => key));
  if (keys.size < parsed.output.connections.length) return { kind: "refused", why: "not-a-batch" };
  return { kind: "batch", batch: parsed.output };
}

/** Whether a worker would take it. */
export function canBeSent(connection: ConnectionToObserve): boolean {
  return v.is(connection.addresses === undefined ? connectionSchema : connectionInVpcSchema, connection);
}
