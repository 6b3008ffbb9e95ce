import { describe, expect, test } from "vitest";
import { rules } from "../../lambda/judge/catalogue.ts";
import type { Finding } from "../../lambda/judge/finding.ts";
import { healthyFacts } from "../../lambda/tell/healthy-facts.ts";
import { address, certificate, connectionRecord, runTime, silentAddress } from "./records.ts";
import { samples } from "./samples.ts";

/** What may be said to be OK, and what none of it may stand beside. */
const said = {
  handshake: "TLSv1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  names: "the certificate covers api.example.com",
  validity: "the certificate expires on 2026-12-30",
  chain: "the chain is complete and in order",
} as const;
type Fact = keyof typeof said;

/** By the code of the finding, written down once more: who adds a rule decides what it contradicts. */
const contradicted: Readonly<Record<(typeof rules)[number]["code"], readonly Fact[]>> = {
  "s3-website-over-https": [],
  "dns-name-not-found": [],
  "dns-no-address": [],
  "dns-lookup-failed": [],
  "dns-private-address": [],
  "vpc-origin": [],
  "tenant-parameters-unresolved": [],
  "policy-unresolved": [],
  "viewer-host-unknown": [],
  "template-value-unresolved": [],
  "origin-invalid": [],
  "origin-unused": [],
  "out-of-time": [],
  "probe-failed": [],
  "protocol-sslv3-enabled": ["handshake"],
  "addresses-left-out": [],
  "edge-function-may-reroute": [],
  "connection-refused": [],
  "http-port-refused": [],
  "connection-timed-out": [],
  "connection-unreachable": [],
  "ipv6-not-testable": [],
  "connection-reset": ["handshake"],
  "handshake-timed-out": ["handshake"],
  "handshake-too-large": ["handshake"],
  "tls-not-spoken": ["handshake"],
  "no-shared-protocol": ["handshake"],
  "no-shared-cipher": ["handshake"],
  "undocumented-cipher": ["handshake"],
  "no-shared-group": ["handshake"],
  "no-shared-signature-scheme": ["handshake"],
  "server-name-rejected": ["handshake"],
  "client-certificate-required": ["handshake"],
  "client-certificate-requested": ["handshake"],
  "origin-mtls": [],
  "grpc-http2-not-agreed": [],
  "grpc-without-https": [],
  "protocol-set-ambiguous": ["handshake"],
  "handshake-rejected": ["handshake"],
  "certificate-name-mismatch": ["names"],
  "certificate-host-mismatch": ["names"],
  "certificate-expired": ["validity"],
  "certificate-not-yet-valid": ["validity"],
  "certificate-expiring": ["validity"],
  "certificate-self-signed": ["chain"],
  "certificate-untrusted": ["chain"],
  "certificate-unreadable": ["chain"],
  "certificate-key-unsupported": ["chain"],
  "certificate-key-undocumented": ["chain"],
  "certificate-signature-weak": ["chain"],
  "certificate-purpose": ["chain"],
  "certificate-invalid": ["chain"],
  "certificate-path-ambiguous": ["chain"],
  "chain-incomplete": ["chain"],
  "chain-out-of-order": ["chain"],
  "chain-superfluous": ["chain"],
  "chain-too-long": ["chain"],
  "intermediate-expired": ["chain"],
  "intermediate-not-yet-valid": ["chain"],
  "intermediate-expiring": ["chain"],
  "some-addresses-failing": [],
  "some-addresses-dark": [],
  "some-regions-failing": [],
  "origin-went-dark": [],
  "placeholder-origin": [],
  "error-page-origin": [],
  "cloudfront-answers-error": [],
  "seen-through-cloudfront": [],
};

const r11 = certificate("R11", { subject: "CN=R11, O=Let's Encrypt, C=US" });
const seen = address("api.example.com", { chain: [certificate("api.example.com"), r11] });

function factsBeside(findings: readonly Finding[]): string {
  const addresses = [seen, address("api.example.com", { ...seen, address: "203.0.113.8" })];
  return healthyFacts(connectionRecord("api.example.com", { findings, observed: { addresses } }), runTime).join("\n");
}

describe("what is checked and OK", () => {
  test("is everything that was looked at, where there is no finding", () => {
    expect(factsBeside([])).toBe(`203.0.113.7 and 203.0.113.8: TCP on port 443; ${Object.values(said).join("; ")}.`);
  });

  const all = rules.flatMap(({ code }) => samples[code]().map((finding) => ({ code, title: finding.title, finding })));
  test.each(all)("$code: names nothing that it contradicts, and all the rest ($title)", ({ code, finding }) => {
    const facts = factsBeside([{ ...finding, address: finding.address === null ? null : "203.0.113.7" }]);
    const [own = "", other = ""] = facts.split("\n");
    for (const fact of Object.keys(said) as Fact[]) {
      const isSaid = own.includes(said[fact]);
      expect([code, fact, isSaid]).toEqual([code, fact, !contradicted[code].includes(fact)]);
      // What one address lacks is not held against another.
      if (other !== "") expect(other).toContain(said[fact]);
    }
  });

  test("is nothing where nothing was looked at", () => {
    const addresses = [silentAddress("connection refused")];
    expect(healthyFacts(connectionRecord("api.example.com", { observed: { addresses } }), runTime)).toEqual([]);
  });
});
