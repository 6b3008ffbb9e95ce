import { recordOpener } from "../../lambda/tls/key-schedule.ts";
import { contentType, recordCutter } from "../../lambda/tls/records.ts";
import { readServerFlight } from "../../lambda/tls/transcript.ts";
import { type Protection, protections, type Seal, sealer } from "../sandbox/tls13.ts";
import type { Recorded } from "./recordings.ts";

/** A recording of TLS 1.3 taken apart, so that it can be changed under its protection and sealed again. */
export type Unsealed = {
  /** The records in the clear. */
  readonly clear: Buffer;
  /** The protected handshake messages, run together. */
  readonly handshake: Buffer;
  readonly sealHandshake: Seal;
  readonly sealApplication: Seal;
};

const suites: ReadonlyMap<string | null, Protection> = new Map(Object.entries(protections));

/** Null for a recording without secrets. */
export function unseal({ bytes, secrets }: Pick<Recorded, "bytes" | "secrets">): Unsealed | null {
  const suite = suites.get(readServerFlight(bytes, secrets).cipherSuite);
  if (suite === undefined || secrets.handshake === null || secrets.application === null) return null;
  const open = recordOpener(suite.code, secrets.handshake)!;
  const clear: Buffer[] = [];
  const handshake: Buffer[] = [];
  recordCutter((record) => {
    if (record.type !== contentType.applicationData) {
      clear.push(record.header, record.payload);
      return true;
    }
    const { payload } = open(record);
    handshake.push(payload);
    return !endsWithFinished(Buffer.concat(handshake));
  })(bytes);
  return {
    clear: Buffer.concat(clear),
    handshake: Buffer.concat(handshake),
    sealHandshake: sealer(suite, secrets.handshake),
    sealApplication: sealer(suite, secrets.application),
  };
}

function endsWithFinished(messages: Buffer): boolean {
  const finished = 20;
  for (let at = 0; at + 4 <= messages.length; at += 4 + messages.readUIntBE(at + 1, 3)) {
    if (messages[at] === finished) return true;
  }
  return false;
}
