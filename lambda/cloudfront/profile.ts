import type { NamedGroup, ProtocolVersion, SignatureScheme } from "../tls/code-points.ts";

/**
 * What CloudFront's TLS client offers an origin.
 *
 * Suites, groups and schemes up to TLS 1.2 are those of
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-ciphers-cloudfront-to-origin.html
 * (read 2026-04-13). That page names nothing for TLS 1.3; its suites and the PSS schemes are those of AWS's own
 * s2n-tls policy `CloudFront-Upstream-TLS-1-2-2025`
 * (https://github.com/aws/s2n-tls/blob/8cbf81ad74968a1d03efbd9352a89abd292232d4/tls/s2n_security_policies.c#L334-L452),
 * which a captured ClientHello of 2026-07 agrees with (https://github.com/openrung/openrung/pull/58).
 */
export type Offer = {
  /** The lowest version offered; TLS 1.3 is always the highest. */
  readonly minimum: ProtocolVersion;
  readonly versions: readonly ProtocolVersion[];
  /** What is offered if AWS takes the list as a set and not as a minimum: the listed versions and TLS 1.3. */
  readonly versionsAsSet: readonly ProtocolVersion[];
};

/** RFC names of the 16 documented suites with the names that OpenSSL uses, in the order of the s2n policy. */
export const documentedSuites: readonly { readonly rfc: string; readonly openssl: string }[] = [
  { rfc: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", openssl: "ECDHE-ECDSA-AES128-GCM-SHA256" },
  { rfc: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", openssl: "ECDHE-ECDSA-AES256-GCM-SHA384" },
  { rfc: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", openssl: "ECDHE-RSA-AES128-GCM-SHA256" },
  { rfc: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", openssl: "ECDHE-RSA-AES256-GCM-SHA384" },
  { rfc: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", openssl: "ECDHE-ECDSA-AES128-SHA256" },
  { rfc: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", openssl: "ECDHE-ECDSA-AES256-SHA384" },
  { rfc: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", openssl: "ECDHE-ECDSA-AES128-SHA" },
  { rfc: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", openssl: "ECDHE-ECDSA-AES256-SHA" },
  { rfc: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", openssl: "ECDHE-RSA-AES128-SHA256" },
  { rfc: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", openssl: "ECDHE-RSA-AES256-SHA384" },
  { rfc: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", openssl: "ECDHE-RSA-AES128-SHA" },
  { rfc: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", openssl: "ECDHE-RSA-AES256-SHA" },
  { rfc: "TLS_RSA_WITH_AES_128_CBC_SHA", openssl: "AES128-SHA" },
  { rfc: "TLS_RSA_WITH_AES_256_CBC_SHA", openssl: "AES256-SHA" },
  { rfc: "TLS_RSA_WITH_3DES_EDE_CBC_SHA", openssl: "DES-CBC3-SHA" },
  { rfc: "TLS_RSA_WITH_RC4_128_MD5", openssl: "RC4-MD5" },
];

export const tls13Suites: readonly string[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/**
 * Suites that AWS's s2n policy has and AWS's page lacks: whether an origin that accepts only these works is not
 * documented
 * (https://github.com/aws/s2n-tls/blob/8cbf81ad74968a1d03efbd9352a89abd292232d4/tls/s2n_cipher_preferences.c#L1542).
 */
export const undocumentedSuites: readonly string[] = [
  "TLS_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_AES_128_CBC_SHA256",
];

/**
 * Groups with OpenSSL's names, in s2n's order. No post-quantum group: the policies exist, but the capture of 2026-07
 * shows none towards origins.
 */
export const groups: readonly { readonly name: NamedGroup; readonly openssl: string }[] = [
  { name: "secp256r1", openssl: "P-256" },
  { name: "x25519", openssl: "X25519" },
  { name: "secp384r1", openssl: "P-384" },
];

/** Signature schemes with OpenSSL's names, in s2n's order; neither list has Ed25519 or Ed448. */
export const schemes: readonly { readonly name: SignatureScheme; readonly openssl: string }[] = [
  { name: "ecdsa_secp256r1_sha256", openssl: "ecdsa_secp256r1_sha256" },
  { name: "ecdsa_secp384r1_sha384", openssl: "ecdsa_secp384r1_sha384" },
  { name: "ecdsa_secp521r1_sha512", openssl: "ecdsa_secp521r1_sha512" },
  { name: "ecdsa_sha224", openssl: "ECDSA+SHA224" },
  { name: "rsa_pss_pss_sha256", openssl: "rsa_pss_pss_sha256" },
  { name: "rsa_pss_pss_sha384", openssl: "rsa_pss_pss_sha384" },
  { name: "rsa_pss_pss_sha512", openssl: "rsa_pss_pss_sha512" },
  { name: "rsa_pss_rsae_sha256", openssl: "rsa_pss_rsae_sha256" },
  { name: "rsa_pss_rsae_sha384", openssl: "rsa_pss_rsae_sha384" },
  { name: "rsa_pss_rsae_sha512", openssl: "rsa_pss_rsae_sha512" },
  { name: "rsa_pkcs1_sha256", openssl: "rsa_pkcs1_sha256" },
  { name: "rsa_pkcs1_sha384", openssl: "rsa_pkcs1_sha384" },
  { name: "rsa_pkcs1_sha512", openssl: "rsa_pkcs1_sha512" },
  { name: "rsa_pkcs1_sha224", openssl: "RSA+SHA224" },
  { name: "rsa_pkcs1_sha1", openssl: "RSA+SHA1" },
  { name: "ecdsa_sha1", openssl: "ECDSA+SHA1" },
];

const versionsInOrder: readonly ProtocolVersion[] = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/**
 * The versions that CloudFront offers for an OriginSslProtocols list: from the lowest one listed up to TLS 1.3.
 *
 * AWS's pages disagree whether the list is a set or a minimum; s2n's upstream policies are minimum policies, and
 * TLS 1.3 is offered with every list (https://aws.amazon.com/about-aws/whats-new/2025/11/amazon-cloudfront-tls13-origin/).
 *
 * @param originSslProtocols the API's values; an empty list counts as TLSv1.2, the only one that is always there
 */
export function offerFor(originSslProtocols: readonly ProtocolVersion[]): Offer {
  const listed = versionsInOrder.filter((version) => originSslProtocols.includes(version)).join();
  const known = offers.get(listed) ?? newOffer(originSslProtocols);
  offers.set(listed, known);
  return known;
}

/** There are few lists and many connections, which share the offers. */
const offers = new Map<string, Offer>();

function newOffer(originSslProtocols: readonly ProtocolVersion[]): Offer {
  const minimum = versionsInOrder.find((version) => originSslProtocols.includes(version)) ?? "TLSv1.2";
  const versions = versionsInOrder.slice(versionsInOrder.indexOf(minimum));
  const listed = (version: ProtocolVersion) => version === minimum || originSslProtocols.includes(version);
  return { minimum, versions, versionsAsSet: versions.filter((version) => version === "TLSv1.3" || listed(version)) };
}
