import { addressesLeftOut } from "./findings/addresses-left-out.ts";
import { certificateExpired } from "./findings/certificate-expired.ts";
import { certificateExpiring } from "./findings/certificate-expiring.ts";
import { certificateHostMismatch } from "./findings/certificate-host-mismatch.ts";
import { certificateInvalid } from "./findings/certificate-invalid.ts";
import { certificateKeyUndocumented } from "./findings/certificate-key-undocumented.ts";
import { certificateKeyUnsupported } from "./findings/certificate-key-unsupported.ts";
import { certificateNameMismatch } from "./findings/certificate-name-mismatch.ts";
import { certificateNotYetValid } from "./findings/certificate-not-yet-valid.ts";
import { certificatePathAmbiguous } from "./findings/certificate-path-ambiguous.ts";
import { certificatePurpose } from "./findings/certificate-purpose.ts";
import { certificateSelfSigned } from "./findings/certificate-self-signed.ts";
import { certificateSignatureWeak } from "./findings/certificate-signature-weak.ts";
import { certificateUnreadable } from "./findings/certificate-unreadable.ts";
import { certificateUntrusted } from "./findings/certificate-untrusted.ts";
import { chainIncomplete } from "./findings/chain-incomplete.ts";
import { chainOutOfOrder } from "./findings/chain-out-of-order.ts";
import { chainSuperfluous } from "./findings/chain-superfluous.ts";
import { chainTooLong } from "./findings/chain-too-long.ts";
import { clientCertificateRequested } from "./findings/client-certificate-requested.ts";
import { clientCertificateRequired } from "./findings/client-certificate-required.ts";
import { cloudfrontAnswersError } from "./findings/cloudfront-answers-error.ts";
import { connectionRefused } from "./findings/connection-refused.ts";
import { connectionReset } from "./findings/connection-reset.ts";
import { connectionTimedOut } from "./findings/connection-timed-out.ts";
import { connectionUnreachable } from "./findings/connection-unreachable.ts";
import { dnsLookupFailed } from "./findings/dns-lookup-failed.ts";
import { dnsNameNotFound } from "./findings/dns-name-not-found.ts";
import { dnsNoAddress } from "./findings/dns-no-address.ts";
import { dnsPrivateAddress } from "./findings/dns-private-address.ts";
import { edgeFunctionMayReroute } from "./findings/edge-function-may-reroute.ts";
import { errorPageOrigin } from "./findings/error-page-origin.ts";
import { grpcHttp2NotAgreed } from "./findings/grpc-http2-not-agreed.ts";
import { grpcWithoutHttps } from "./findings/grpc-without-https.ts";
import { handshakeRejected } from "./findings/handshake-rejected.ts";
import { handshakeTimedOut } from "./findings/handshake-timed-out.ts";
import { handshakeTooLarge } from "./findings/handshake-too-large.ts";
import { httpPortRefused } from "./findings/http-port-refused.ts";
import { intermediateExpired } from "./findings/intermediate-expired.ts";
import { intermediateExpiring } from "./findings/intermediate-expiring.ts";
import { intermediateNotYetValid } from "./findings/intermediate-not-yet-valid.ts";
import { ipv6NotTestable } from "./findings/ipv6-not-testable.ts";
import { noSharedCipher } from "./findings/no-shared-cipher.ts";
import { noSharedGroup } from "./findings/no-shared-group.ts";
import { noSharedProtocol } from "./findings/no-shared-protocol.ts";
import { noSharedSignatureScheme } from "./findings/no-shared-signature-scheme.ts";
import { originInvalid } from "./findings/origin-invalid.ts";
import { originMtls } from "./findings/origin-mtls.ts";
import { originUnused } from "./findings/origin-unused.ts";
import { originWentDark } from "./findings/origin-went-dark.ts";
import { outOfTime } from "./findings/out-of-time.ts";
import { placeholderOrigin } from "./findings/placeholder-origin.ts";
import { policyUnresolved } from "./findings/policy-unresolved.ts";
import { probeFailed } from "./findings/probe-failed.ts";
import { protocolSetAmbiguous } from "./findings/protocol-set-ambiguous.ts";
import { protocolSslv3Enabled } from "./findings/protocol-sslv3-enabled.ts";
import { s3WebsiteOverHttps } from "./findings/s3-website-over-https.ts";
import { seenThroughCloudfront } from "./findings/seen-through-cloudfront.ts";
import { serverNameRejected } from "./findings/server-name-rejected.ts";
import { someAddressesDark } from "./findings/some-addresses-dark.ts";
import { someAddressesFailing } from "./findings/some-addresses-failing.ts";
import { someRegionsFailing } from "./findings/some-regions-failing.ts";
import { templateValueUnresolved } from "./findings/template-value-unresolved.ts";
import { tenantParametersUnresolved } from "./findings/tenant-parameters-unresolved.ts";
import { tlsNotSpoken } from "./findings/tls-not-spoken.ts";
import { undocumentedCipher } from "./findings/undocumented-cipher.ts";
import { viewerHostUnknown } from "./findings/viewer-host-unknown.ts";
import { vpcOrigin } from "./findings/vpc-origin.ts";
import type { AddressView, CertificateView, ConnectionView, Declaration, Rule } from "./rule.ts";

/** Rules about a connection as a whole. */
export const connectionRules = [
  s3WebsiteOverHttps,
  dnsNameNotFound,
  dnsNoAddress,
  dnsLookupFailed,
  vpcOrigin,
  tenantParametersUnresolved,
  policyUnresolved,
  viewerHostUnknown,
  templateValueUnresolved,
  originInvalid,
  originUnused,
  outOfTime,
  probeFailed,
  protocolSslv3Enabled,
  grpcWithoutHttps,
  addressesLeftOut,
  edgeFunctionMayReroute,
] as const satisfies readonly Rule<ConnectionView>[];

/** Rules about one address: TCP and the handshake. */
export const addressRules = [
  dnsPrivateAddress,
  connectionRefused,
  httpPortRefused,
  connectionTimedOut,
  connectionUnreachable,
  ipv6NotTestable,
  connectionReset,
  handshakeTimedOut,
  handshakeTooLarge,
  chainTooLong,
  tlsNotSpoken,
  noSharedProtocol,
  noSharedCipher,
  undocumentedCipher,
  noSharedGroup,
  noSharedSignatureScheme,
  serverNameRejected,
  clientCertificateRequired,
  clientCertificateRequested,
  originMtls,
  grpcHttp2NotAgreed,
  protocolSetAmbiguous,
  handshakeRejected,
] as const satisfies readonly Rule<AddressView>[];

/** Rules about the certificates that one address sent. */
export const certificateRules = [
  certificateNameMismatch,
  certificateHostMismatch,
  certificateExpired,
  certificateNotYetValid,
  certificateExpiring,
  certificateSelfSigned,
  certificateUntrusted,
  chainIncomplete,
  chainOutOfOrder,
  chainSuperfluous,
  intermediateExpired,
  intermediateNotYetValid,
  intermediateExpiring,
  certificateKeyUnsupported,
  certificateKeyUndocumented,
  certificateSignatureWeak,
  certificatePurpose,
  certificateInvalid,
  certificatePathAmbiguous,
] as const satisfies readonly Rule<CertificateView>[];

/** All rules: these, and those with a subject of their own. */
export const rules = [
  ...connectionRules,
  ...addressRules,
  ...certificateRules,
  certificateUnreadable,
  originWentDark,
  someAddressesDark,
  someAddressesFailing,
  someRegionsFailing,
  placeholderOrigin,
  errorPageOrigin,
  cloudfrontAnswersError,
  seenThroughCloudfront,
] as const;

/** The code of a finding that this program makes. A stored one may be from a version with more or fewer rules. */
export type FindingCode = (typeof rules)[number]["code"];

const byCode: ReadonlyMap<string, Declaration> = new Map(rules.map((rule) => [rule.code, rule]));

/** The declaration of the rule with that code; undefined for a code that this version does not know. */
export function ruleOf(code: FindingCode): Declaration;
export function ruleOf(code: string): Declaration | undefined;
export function ruleOf(code: string): Declaration | undefined {
  return byCode.get(code);
}
