import { clientContexts } from "../../lambda/probe/client-context.ts";
import { addressGuard } from "../../lambda/probe/private-address.ts";
import { gate } from "../../lambda/probe/schedule.ts";
import { dialler } from "../../lambda/probe/tcp.ts";
import { checkConnections } from "../../lambda/run.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { connection } from "../judge/checked.ts";
import { startBareOrigin } from "../sandbox/bare-origin.ts";
import type { CertificateCase } from "./case.ts";
import { serverName } from "./pki.ts";

/** What the product says of a case. */
export type ProductVerdict = {
  readonly verdict: string;
  /** `code:effect`, sorted. */
  readonly findings: readonly string[];
};

/** Serves the case and lets the whole middle of the program look at it: real probe, real rules. */
export async function productVerdict({ sent, keys, anchors, now }: CertificateCase): Promise<ProductVerdict> {
  const origin = await startBareOrigin({ certificates: sent, key: keys.privateKey });
  try {
    const trusted = trustAnchors(anchors.map(pem));
    const planned = { kind: "probe", connection: connection({ domain: serverName, port: origin.port }) } as const;
    const [record] = await checkConnections([planned], {
      equipment: {
        lookup: () => Promise.reject(new Error("no case is looked up")),
        contextFor: clientContexts(trusted),
        dial: dialler(),
        gate: gate(10, 10),
        signal: new AbortController().signal,
        forbids: addressGuard(["127.0.0.0/8"]),
        connectTo: origin.address,
      },
      policy: { now: now ?? Date.now(), expiryWarningDays: 21, anchors: trusted },
    });
    if (record === undefined) throw new Error("no record");
    return {
      verdict: record.verdict,
      findings: record.findings.map(({ code, effect }) => `${code}:${effect}`).sort(),
    };
  } finally {
    await origin.close();
  }
}

export function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
