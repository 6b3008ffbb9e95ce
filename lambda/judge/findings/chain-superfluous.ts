import { sources } from "../../cloudfront/sources.ts";
import { counted } from "../../text/phrase.ts";
import { certificateRule } from "../rule.ts";

export const chainSuperfluous = certificateRule({
  code: "chain-superfluous",
  effect: "note",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "The origin sends certificates that its chain does not need, such as the root.",
  source: sources.certificateRequirements,
  examine: ({ path, sent, policy }) => {
    // Where the path ends at a signature, what would follow is not known.
    if (path.end.kind === "signature-refused") return undefined;
    const needed = new Set(path.indices);
    const superfluous = sent.filter(
      (certificate, index) => !needed.has(index) || (index > 0 && policy.anchors.has(certificate)),
    );
    if (superfluous.length === 0) return undefined;
    return {
      title: "certificates sent that are not needed",
      cause: `The origin sends ${counted(superfluous.length, "certificate")} that its chain does not need.`,
      explanation:
        "AWS asks not to include the root certificate or intermediates outside the path. It does not say that they do harm, so this is only a note.",
      remedy: ["Remove them from the certificate file on the origin. The handshake gets smaller."],
      evidence: {
        expected: path.certificates.filter((one) => !superfluous.includes(one)).map(({ subject }) => subject),
        seen: sent.map(({ subject }) => subject),
        superfluous: superfluous.map(({ subject }) => subject),
      },
    };
  },
});
