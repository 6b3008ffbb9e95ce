import { checked } from "../judge/checked.ts";
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
export async function productVerdict(each: CertificateCase): Promise<ProductVerdict> {
  const { sent, keys, anchors, now } = each;
  const origin = await startBareOrigin({ certificates: sent, key: keys.privateKey });
  try {
    const { verdict, findings } = await checked({
      trusted: anchors.map(pem),
      connection: { domain: each.serverName ?? serverName, port: origin.port },
      ...(now === undefined ? {} : { now }),
    });
    return { verdict, findings: findings.map(({ code, effect }) => `${code}:${effect}`).sort() };
  } finally {
    await origin.close();
  }
}

export function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
