import { sources } from "../../cloudfront/sources.ts";
import { intermediates } from "../certificate-facts.ts";
import { certificateRule } from "../rule.ts";

export const certificateSignatureWeak = certificateRule({
  code: "certificate-signature-weak",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "leaf-text",
  summary: "The leaf or an intermediate is signed with SHA-1 or MD5.",
  source: sources.certificateRequirements,
  examine: (view) => {
    const weak = [view.leaf, ...intermediates(view)].find(({ signatureAlgorithm }) =>
      /sha-?1(?!\d)|md5/i.test(signatureAlgorithm.name),
    );
    if (weak === undefined) return undefined;
    return {
      title: `certificate signed with ${weak.signatureAlgorithm.name}`,
      explanation: `The signature on ${weak.subject} uses a broken hash. AWS documents no rule for it; TLS libraries refuse such certificates more and more, and no public authority issues them.`,
      remedy: ["Have the certificate issued again; every authority signs with SHA-256 or better today."],
      evidence: {
        expected: "SHA-256 or better",
        seen: weak.signatureAlgorithm.name,
        subject: weak.subject,
        sha256: weak.sha256,
      },
      ...(weak === view.leaf ? {} : { facts: { intermediate: true } }),
    };
  },
});
