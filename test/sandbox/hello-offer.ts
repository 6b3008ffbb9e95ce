import { documentedSuites, groups, tls13Suites } from "../../lambda/cloudfront/profile.ts";
import { cipherSuiteCode } from "../../lambda/tls/cipher-suites.ts";
import type { HelloOffer } from "../../lambda/tls/client-hello.ts";

/** Offers what CloudFront offers with OriginSslProtocols [TLSv1], but for the changes. */
export function helloOffer(changes: Partial<HelloOffer> = {}): HelloOffer {
  return {
    versions: ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"],
    cipherSuites: [...tls13Suites, ...documentedSuites.map(({ rfc }) => rfc)].map(cipherSuiteCode),
    groups: groups.map(({ name }) => name),
    signatureSchemes: [
      "ecdsa_secp256r1_sha256",
      "ecdsa_secp384r1_sha384",
      "rsa_pss_pss_sha256",
      "rsa_pss_rsae_sha256",
      "rsa_pkcs1_sha256",
      "rsa_pkcs1_sha1",
      "ecdsa_sha1",
    ],
    serverName: "a.test",
    ...changes,
  };
}
