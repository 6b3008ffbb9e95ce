import { sources } from "../../cloudfront/sources.ts";
import type { Certificate } from "../../x509/certificate.ts";
import type { Path } from "../../x509/path.ts";
import { certificateRule } from "../rule.ts";

export const chainOutOfOrder = certificateRule({
  code: "chain-out-of-order",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  advice: "managed-certificate",
  summary: "The certificates were not sent in the order leaf, its issuer, the issuer's issuer.",
  source: sources.badGateway,
  examine: ({ path, sent }) => {
    const places = [...path.indices, ...placeOfRoot(path, sent)];
    const ascending = places.every((place, position) => position === 0 || place > (places[position - 1] ?? 0));
    if (ascending) return undefined;
    return {
      title: "certificate chain in the wrong order",
      explanation:
        "AWS writes that CloudFront answers 502 when the certificate chain is in the wrong order, and asks for the issuer of the leaf first. Most other clients sort the chain themselves, so a browser shows no fault.",
      remedy: [
        "Put the certificates in the file in this order: the leaf, its issuer, then that one's issuer. Leave the root out.",
      ],
      evidence: {
        expected: path.certificates.map(({ subject }) => subject),
        seen: sent.map(({ subject }) => subject),
      },
    };
  },
});

/** Where the root was sent, if it was: it need not be, but then it belongs behind the rest. */
function placeOfRoot({ indices, end }: Path, sent: readonly Certificate[]): number[] {
  if (end.kind !== "anchored") return [];
  const place = sent.findIndex(({ sha256 }) => sha256 === end.anchor.sha256);
  return place < 0 || indices.includes(place) ? [] : [place];
}
