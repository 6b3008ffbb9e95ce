import { sources } from "../../cloudfront/sources.ts";
import { enumerated } from "../../text/phrase.ts";
import type { Rule } from "../rule.ts";
import { originWentDark } from "./origin-went-dark.ts";

type DarkAddresses = {
  /** Those that gave no answer to a connection request. */
  readonly dark: readonly string[];
  /** Those that answered this check. */
  readonly answering: readonly string[];
};

export const someAddressesDark: Rule<DarkAddresses, "some-addresses-dark"> = {
  code: "some-addresses-dark",
  effect: "may",
  stage: "tcp",
  transient: true,
  about: "reachability",
  witness: "raises",
  supersededBy: [originWentDark],
  proof: "handshake-in-time",
  mayAnswer: "504",
  summary: "One or more addresses of the origin give no answer, while others of the same name answer this check.",
  source: sources.gatewayTimeout,
  examine: ({ dark, answering }) => {
    const total = dark.length + answering.length;
    return {
      title: `${dark.length} of ${total} addresses ${dark.length === 1 ? "gives" : "give"} no answer`,
      cause: `${enumerated(dark, 3)} did not answer connection attempts, and ${enumerated(answering, 3)} did.`,
      explanation:
        "So a firewall that admits only CloudFront is not the reason. CloudFront uses one of the addresses for each connection. Cache misses that go to an address without an answer may get 504.",
      doubt: "if CloudFront gets no answer there either",
      remedy: [
        `Start the servers behind ${enumerated(dark, 3)}, or remove these addresses from DNS until they work.`,
        "Check the security group, the network ACL and the subnet of these addresses: behind a load balancer, one zone may have no targets.",
      ],
      evidence: { expected: "an answer from every address", seen: [...dark], answering: [...answering] },
    };
  },
};
