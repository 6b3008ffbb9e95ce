import { sources } from "../../cloudfront/sources.ts";
import { intermediates } from "../certificate-facts.ts";
import { certificateRule } from "../rule.ts";

export const certificateSignatureWeak = certificateRule({
  code: "certificate-signature-weak",
  effect: { usually: "may", atMost: "502" },
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "leaf-text",
  prints: { failing: 'a "Signature Algorithm" with sha1 or md5', fixed: 'no "Signature Algorithm" with sha1 or md5' },
  summary: "The leaf or an intermediate is signed with SHA-1 or MD5.",
  source: sources.certificateRequirements,
  examine: (view) => {
    const signed = [view.leaf, ...intermediates(view)];
    const broken = signed.find(({ signatureAlgorithm }) => /md[245]/i.test(signatureAlgorithm.name));
    const weak = broken ?? signed.find(({ signatureAlgorithm }) => /sha-?1(?!\d)/i.test(signatureAlgorithm.name));
    if (weak === undefined) return undefined;
    const { name } = weak.signatureAlgorithm;
    return {
      title: broken === undefined ? "certificate signed with SHA-1" : "certificate signed with a broken hash",
      cause: `The signature on ${weak.subject} uses a broken hash (${name}).`,
      explanation:
        broken === undefined
          ? "AWS documents no rule for it. TLS libraries refuse such certificates more and more, and no public CA issues them."
          : "AWS documents no rule for it. AWS's TLS library does not accept it, and OpenSSL only where it is told to.",
      doubt: "because AWS documents no rule for it",
      remedy: ["Get the certificate issued again. Every CA signs with SHA-256 or better today."],
      evidence: { expected: "SHA-256 or better", seen: name, subject: weak.subject, sha256: weak.sha256 },
      ...(weak === view.leaf ? {} : { facts: { intermediate: true } }),
      effect: broken === undefined ? "may" : "502",
    };
  },
});
