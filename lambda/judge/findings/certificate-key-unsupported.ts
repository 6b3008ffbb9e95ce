import { sources } from "../../cloudfront/sources.ts";
import { type Certificate, keyName } from "../../x509/certificate.ts";
import { intermediates } from "../certificate-facts.ts";
import { certificateRule, type Found } from "../rule.ts";

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html, "Size of the public key". */
const rsaBits = { least: 1_024, most: 4_096 };

/** Documented (P-256) or near enough to what is documented to be left to certificate-key-undocumented. */
const curves = new Set(["prime256v1", "secp384r1", "secp521r1"]);

export const certificateKeyUnsupported = certificateRule({
  code: "certificate-key-unsupported",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "leaf-text",
  prints: { failing: 'any other "Public-Key"', fixed: 'a "Public-Key" of RSA 1024 to 4096 bits, or of ECDSA P-256' },
  summary: "The key of the certificate, or of an intermediate, is of a type or size that CloudFront does not support.",
  source: sources.certificateRequirements,
  examine: (view) => {
    const { leaf } = view;
    if (!isSupported(leaf)) {
      return found(leaf, {
        title: "certificate key is not supported",
        cause: `The key of the certificate ${leaf.subject} is ${keyName(leaf.key)}.`,
        explanation:
          "AWS lists RSA keys from 1024 to 4096 bits and ECDSA keys for certificates between CloudFront and origins. This key is none of them, so the handshake cannot succeed.",
        remedy: ["Get the certificate issued again with an ECDSA P-256 or RSA 2048 key."],
      });
    }
    const odd = intermediates(view).find((intermediate) => !isSupported(intermediate));
    if (odd === undefined) return undefined;
    return found(odd, {
      title: "key of an intermediate is not on AWS's list",
      cause: `The key of the intermediate certificate ${odd.subject} is ${keyName(odd.key)}.`,
      explanation:
        "The key signs another certificate on the path. AWS lists RSA keys from 1024 to 4096 bits and ECDSA keys for certificates between CloudFront and origins. It does not mention the keys of CAs. This key is none of those listed.",
      remedy: ["Get a certificate from a CA whose intermediate has an RSA or ECDSA key."],
      doubt: "because AWS does not mention the keys of CAs",
      effect: "may",
      facts: { intermediate: true },
    });
  },
});

function found({ key, subject, sha256 }: Certificate, words: Omit<Found, "evidence">): Found {
  return { ...words, evidence: { expected: "RSA 1024 to 4096, or ECDSA P-256", seen: keyName(key), subject, sha256 } };
}

function isSupported({ key }: Certificate): boolean {
  switch (key.kind) {
    case "rsa":
      return rsaBits.least <= key.bits && key.bits <= rsaBits.most;
    case "ec":
      return curves.has(key.curve);
    case "other":
      return false;
  }
}
