import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerSecrets } from "../../lambda/tls/transcript.ts";

export type StoredRecordings = {
  /** The root of every chain in the recordings, PEM. */
  readonly trustAnchor: string;
  readonly recordings: readonly {
    readonly name: string;
    /** What the server sent, base64. */
    readonly bytes: string;
    readonly handshakeSecret: string | null;
    readonly applicationSecret: string | null;
  }[];
};

export type Recorded = { readonly name: string; readonly bytes: Buffer; readonly secrets: ServerSecrets };

/** The recordings that record.ts has made. */
export function loadRecordings(): { readonly trustAnchor: string; readonly recordings: readonly Recorded[] } {
  const text = readFileSync(join(import.meta.dirname, "recordings.json"), "utf8");
  const stored = JSON.parse(text) as StoredRecordings;
  const secret = (base64: string | null) => (base64 === null ? null : Buffer.from(base64, "base64"));
  return {
    trustAnchor: stored.trustAnchor,
    recordings: stored.recordings.map(({ name, bytes, handshakeSecret, applicationSecret }) => ({
      name,
      bytes: Buffer.from(bytes, "base64"),
      secrets: { handshake: secret(handshakeSecret), application: secret(applicationSecret) },
    })),
  };
}
