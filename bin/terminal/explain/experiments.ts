import type { Experiment, ExperimentName } from "../../../lambda/probe/observation.ts";
import { printable } from "../../../lambda/text/printable.ts";

/** What each further hello asks, in the order of the observation. */
const questions: Readonly<Record<ExperimentName, string>> = {
  "as-cloudfront": "CloudFront's own hello again, with the suites and versions that the TLS library here lacks",
  "whole-handshake": "the whole handshake again: does it fail only at times?",
  "sslv3-only": "SSLv3 alone",
  "sslv3-everything": "SSLv3 alone, with all suites that exist",
  "without-server-name": "the same without a server name: is it the name?",
  "origin-domain-as-server-name": "the same with the origin domain as server name: is it the forwarded Host?",
  "without-tls13": "the same without TLS 1.3: does the origin choke on its hello?",
  "without-tls13-as-long": "that one filled up to the length with TLS 1.3: does it choke on the length?",
  everything: "every version, suite, group and scheme that there is: does the origin speak TLS at all?",
  "everything-without-tls13": "everything but TLS 1.3: is it a key that cannot sign in it?",
  "post-quantum-groups": "everything, with post-quantum groups alone: does it want nothing else?",
  "cloudfront-versions": "everything, with CloudFront's versions only: is it the version?",
  "cloudfront-suites": "the same with CloudFront's cipher suites only: is it the suite?",
  "cloudfront-groups": "the same with CloudFront's groups only: is it the group?",
  "cloudfront-schemes": "the same with CloudFront's signature schemes only: is it the scheme?",
  "undocumented-suites": "with the suites of AWS's TLS library that AWS's page lacks: would these do?",
  "listed-versions-only": "the listed versions and TLS 1.3, none between: does it hold if the list is a set?",
};

/** The question that a hello asked, and the answer. */
export function experimentLine({ name, outcome, failure, ...chosen }: Experiment): string {
  return `${questions[name]} -> ${answer()}`;

  function answer(): string {
    switch (outcome) {
      case "agreed":
        return `yes: ${agreement(chosen)}`;
      case "failed":
        return `no: ${printable(failure ?? "no answer", 200)}`;
      case "not-tried":
        return "not asked: out of time";
    }
  }
}

type Agreement = Pick<Experiment, "protocol" | "cipherSuite" | "group" | "signatureScheme">;

/** What the two sides agreed on, as far as it is known. */
export function agreement({ protocol, cipherSuite, group, signatureScheme }: Agreement): string {
  const parts = [protocol, cipherSuite, group, signatureScheme].filter((part) => part !== null);
  return parts.length === 0 ? "nothing is known of it" : parts.map((part) => printable(part, 80)).join(", ");
}
