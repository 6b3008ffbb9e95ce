import type { Connection } from "../plan/connection.ts";
import type { Certificate } from "../x509/certificate.ts";
import { certificateStep } from "./host-remedies.ts";

/** What routers and panels present where they have no certificate for the server name, by what stands in the subject or issuer. */
const defaults: readonly { readonly pattern: RegExp; readonly router: string }[] = [
  { pattern: /kubernetes ingress controller fake certificate/i, router: "ingress-nginx" },
  { pattern: /traefik default cert/i, router: "Traefik" },
  { pattern: /\bplesk\b/i, router: "Plesk" },
  { pattern: /\bforti(gate|net|web|adc)\b/i, router: "the Fortinet device" },
];

/** Which router presents its default certificate, null where it is none that is known. */
function routerOfDefault({ subject, issuer }: Certificate): string | null {
  return defaults.find(({ pattern }) => pattern.test(subject) || pattern.test(issuer))?.router ?? null;
}

/** The first step where a router has no certificate for the name that it was asked for; none where nobody gets one. */
export function routerRemedy(leaf: Certificate, name: string, connection: Pick<Connection, "originKind">): string[] {
  const remark = remarkOn(leaf, name);
  if (remark === null) return [];
  return certificateStep(name, connection, `Add a route or an ingress with a certificate for ${name}. ${remark}`);
}

/** The same as a sentence that goes on, where there is no such step to say it. */
export function routerRemark(leaf: Certificate, name: string, connection: Pick<Connection, "originKind">): string {
  const remark = remarkOn(leaf, name);
  return remark === null || routerRemedy(leaf, name, connection).length > 0 ? "" : ` ${remark}`;
}

function remarkOn(leaf: Certificate, name: string): string | null {
  const router = routerOfDefault(leaf);
  return router === null
    ? null
    : `What came is the default certificate of ${router}: it has no certificate for ${name}.`;
}
