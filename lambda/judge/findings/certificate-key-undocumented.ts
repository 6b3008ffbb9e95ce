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
  summary: "The certificate has a P-384 or P-521 key, about which AWS's pages disagree.",
  source: sources.certificateRequirements,
  examine: ({ leaf }) => {
    if (leaf.key.kind !== "ec" || (leaf.key.curve !== "secp384r1" && leaf.key.curve !== "secp521r1")) return undefined;
    return {
      title: `certificate has an ${keyName(leaf.key)} key, which AWS does not clearly support`,
      explanation:
        "One AWS page speaks of 256-bit keys only for ECDSA certificates, another lists signature schemes that larger keys need. It is not known which one holds for origins.",
      remedy: ["If in doubt, have the certificate issued again for an ECDSA P-256 or RSA 2048 key."],
      evidence: { expected: "ECDSA P-256", seen: keyName(leaf.key), subject: leaf.subject, sha256: leaf.sha256 },
    };
  },
});
