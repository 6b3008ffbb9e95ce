import { sources } from "../../cloudfront/sources.ts";
import { type Cause, causeOf, experimentsShown, leavesOpen, remarkOn } from "../cause.ts";
import { refusesMissingClientCertificate } from "../client-certificate.ts";
import { certificateStep } from "../host-remedies.ts";
import { areRefusedAsSent } from "../leaf-among.ts";
import { type AddressView, addressRule, type Found } from "../rule.ts";
import { toldName } from "../told-name.ts";
import { noSharedProtocol } from "./no-shared-protocol.ts";
import { serverNameRejected } from "./server-name-rejected.ts";

export const handshakeRejected = addressRule({
  code: "handshake-rejected",
  effect: "502",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "whole-handshake",
  prints: { failing: '"alert"', fixed: "it prints a certificate" },
  summary:
    "The origin ends the handshake with a fatal alert, or breaks the protocol, for a reason that no other code names.",
  source: sources.ciphersAndProtocols,
  examine: (view) => {
    const { outcome } = view;
    if (outcome.kind !== "handshake-failed" || refusesMissingClientCertificate(outcome)) return undefined;
    if (areRefusedAsSent(view)) return undefined;
    if (noSharedProtocol.examine(view) !== undefined || serverNameRejected.examine(view) !== undefined)
      return undefined;
    const cause = causeOf(outcome);
    if (cause !== null && !leavesOpen(cause)) return undefined;
    const { failure, transcript } = outcome;
    switch (failure.kind) {
      case "alert":
        return rejected(`alert ${failure.alert.description}`, cause, view);
      case "protocol-violation":
        return rejected(failure.detail, cause, view);
      case "closed":
      case "reset":
        return transcript.protocol === null
          ? undefined
          : rejected(`connection ${failure.kind} after the ServerHello`, cause, view);
      case "not-tls":
      case "timed-out":
      case "too-much-data":
        return undefined;
    }
  },
});

const longestTitle = 45;

function rejected(seen: string, cause: Cause | null, view: AddressView): Found {
  const { connection, address, outcome } = view;
  const openQuestion = cause?.kind === "passing" || cause?.kind === "hello-only" || refusesHttp2(view);
  const title = `TLS handshake fails: ${seen}`;
  const name = toldName(connection.serverName ?? connection.domain, connection);
  return {
    title: title.length <= longestTitle ? title : "TLS handshake fails",
    cause: `The TLS handshake with ${address} failed: ${seen}.`,
    explanation: `The origin was offered what CloudFront offers: TLS 1.3 and the versions of the origin SSL protocols, CloudFront's cipher suites, and the groups P-256, X25519 and P-384. The server name (SNI) was ${connection.serverName}.${remarkOn(cause)}${refusesHttp2(view) ? onHttp2 : ""}`,
    doubt: refusesHttp2(view)
      ? "because what CloudFront offers by ALPN is not documented"
      : "if it fails for CloudFront as well",
    remedy: [
      "Check the TLS log of the origin at the time of this check.",
      "Compare the TLS settings of the origin with the cipher suites and TLS versions that CloudFront supports (see the source).",
      ...certificateStep(name, connection, `Check that the origin has a certificate for ${name}.`),
    ],
    evidence: {
      expected: "a completed handshake",
      seen,
      serverName: connection.serverName,
      tried: experimentsShown(outcome),
    },
    ...(openQuestion ? { effect: "may" as const } : {}),
  };
}

/** The alert no_application_protocol (RFC 7301 §3.2) to an offer of h2 alone. */
function refusesHttp2({ connection, outcome }: AddressView): boolean {
  if (connection.alpn.length === 0 || outcome.kind !== "handshake-failed") return false;
  return outcome.failure.kind === "alert" && outcome.failure.alert.code === 120;
}

const onHttp2 =
  " gRPC is on for the cache behavior, so HTTP/2 alone was offered by ALPN, and the origin refused it. What CloudFront offers by ALPN is not documented. gRPC needs HTTP/2.";
