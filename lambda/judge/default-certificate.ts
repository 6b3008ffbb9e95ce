import type { Certificate } from "../x509/certificate.ts";

/** What routers and panels present where they have no certificate for the server name, by what stands in the subject or issuer. */
const defaults: readonly { readonly pattern: RegExp; readonly router: string }[] = [
  { pattern: /kubernetes ingress controller fake certificate/i, router: "ingress-nginx" },
  { pattern: /traefik default cert/i, router: "Traefik" },
  { pattern: /\bplesk\b/i, router: "Plesk" },
  { pattern: /\bforti(gate|net|web|adc)\b/i, router: "the Fortinet device" },
];

/** Which router presents its default certificate, null where it is none that is known. */
export function routerOfDefault({ subject, issuer }: Certificate): string | null {
  return defaults.find(({ pattern }) => pattern.test(subject) || pattern.test(issuer))?.router ?? null;
}

/** The first step where a router has no certificate for the name that it was asked for. */
export function routerRemedy(router: string, serverName: string): string {
  return `Add a route or an ingress with a certificate for ${serverName}. What came is the default certificate of ${router}: it has no certificate for ${serverName}.`;
}
