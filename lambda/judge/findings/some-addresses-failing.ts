import { sources } from "../../cloudfront/sources.ts";
import { enumerated } from "../../text/phrase.ts";
import type { Effect } from "../effect.ts";
import type { Rule } from "../rule.ts";

type FailingAddresses = {
  readonly failing: readonly { readonly address: string; readonly findings: readonly CodeAndEffect[] }[];
  readonly total: number;
};

type CodeAndEffect = { readonly code: string; readonly effect: Effect };

export const someAddressesFailing: Rule<FailingAddresses, "some-addresses-failing"> = {
  code: "some-addresses-failing",
  effect: "may",
  stage: "certificate",
  transient: true,
  about: "other",
  supersededBy: [{ verdict: "failing" }],
  proof: "whole-handshake",
  sumsUp: "addresses",
  summary: "One or more addresses of the origin fail, but not all.",
  source: sources.badGateway,
  examine: ({ failing, total }) => {
    const causes = failing.map(({ address, findings }) => ({
      address,
      codes: [
        ...new Set(findings.filter(({ effect }) => effect === "502" || effect === "504").map(({ code }) => code)),
      ],
    }));
    const addresses = enumerated(
      failing.map(({ address }) => address),
      3,
    );
    return {
      title: `${failing.length} of ${total} addresses ${failing.length === 1 ? "fails" : "fail"}`,
      cause: `Cache misses that CloudFront sends to ${addresses} get an error.`,
      explanation:
        "CloudFront uses one of the addresses for each connection. The other addresses were not seen to fail.",
      remedy: [
        `Fix ${addresses}, or remove ${failing.length === 1 ? "it" : "them"} from DNS until ${failing.length === 1 ? "it works" : "they work"}.`,
        "Check whether one server behind the name missed a certificate roll-out or a restart.",
      ],
      evidence: { expected: `${total} working addresses`, seen: causes },
      facts: { addresses: { failing: failing.length, total, answers: answersOf(failing) } },
    };
  },
};

function answersOf(failing: FailingAddresses["failing"]): "502" | "504" {
  const effects = failing.flatMap(({ findings }) => findings.map(({ effect }) => effect));
  return effects.includes("502") ? "502" : "504";
}
