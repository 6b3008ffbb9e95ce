import { sources } from "../../cloudfront/sources.ts";
import { isInOrder } from "../../x509/path.ts";
import { foundNoPath } from "../openssl.ts";
import { certificateRule } from "../rule.ts";

export const chainOutOfOrder = certificateRule({
  code: "chain-out-of-order",
  effect: { usually: "may", atMost: "502" },
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  prints: {
    failing: 'in "Certificate chain", an "i:" line and the next "s:" line that differ',
    fixed: 'each "i:" line names the next "s:" line',
  },
  advice: "managed-certificate",
  summary: "The certificates were not sent in the order leaf, its issuer, the issuer's issuer.",
  source: sources.badGateway,
  examine: (view) => {
    const { path, sent, leafPosition } = view;
    // Where no path is found among the certificates sent, they are more than one path out of order.
    if (leafPosition === 0 && (isInOrder(path) || foundNoPath(view))) return undefined;
    const evidence = {
      expected: path.certificates.map(({ subject }) => subject),
      seen: sent.map(({ subject }) => subject),
    };
    const remedy = [
      "Put the certificates into the file in this order: the leaf, its issuer, the issuer of that one. Leave the root out.",
    ];
    if (leafPosition > 0) {
      return {
        title: "leaf certificate is not sent first",
        cause: `The certificate of the server is number ${leafPosition + 1} of those that the origin sent.`,
        explanation:
          "TLS clients take the first one for it, and the handshake fails because it does not fit the server's key. AWS writes that CloudFront answers 502 when the chain is in the wrong order.",
        remedy,
        evidence,
        effect: "502",
      };
    }
    return {
      title: "certificate chain is not in order",
      cause: "The origin does not send the certificates in the order of the chain.",
      explanation:
        "AWS writes that CloudFront answers 502 when the chain is in the wrong order, and asks for the leaf's issuer directly behind the leaf. AWS's own TLS library accepts such chains, so CloudFront may answer 502. Most other clients sort the chain themselves, so a browser shows no fault.",
      doubt: "because AWS's page and AWS's TLS library disagree",
      remedy,
      evidence,
    };
  },
});
