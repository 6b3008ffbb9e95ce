import { sources } from "../../cloudfront/sources.ts";
import { keyName } from "../../x509/certificate.ts";
import { certificateRule } from "../rule.ts";

export const certificateKeyUndocumented = certificateRule({
  code: "certificate-key-undocumented",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "leaf-text",
  prints: { failing: '"Public-Key: (384 bit)" or "(521 bit)"', fixed: '"Public-Key: (256 bit)" or "(2048 bit)"' },
  summary: "The certificate has a P-384 or P-521 key, about which AWS's pages disagree.",
  source: sources.certificateRequirements,
  examine: ({ leaf }) => {
    if (leaf.key.kind !== "ec" || (leaf.key.curve !== "secp384r1" && leaf.key.curve !== "secp521r1")) return undefined;
    return {
      title: `${keyName(leaf.key)} key may be unsupported`,
      cause: `The certificate ${leaf.subject} has an ${keyName(leaf.key)} key.`,
      explanation:
        "AWS's pages disagree: one mentions 256-bit keys only for ECDSA certificates, another lists signature schemes that larger keys need. Which one holds for origins is not known.",
      doubt: "because AWS's pages disagree",
      remedy: ["Get the certificate issued again with an ECDSA P-256 or RSA 2048 key, if in doubt."],
      evidence: { expected: "ECDSA P-256", seen: keyName(leaf.key), subject: leaf.subject, sha256: leaf.sha256 },
    };
  },
});
