import { instant } from "../text/instant.ts";
import { grouped, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { DistributionFinding, FunctionErrors, PossibleCause } from "./distribution-record.ts";

/**
 * The likeliest of what may be behind errors that CloudFront counts, in a sentence: something that is open first, then what
 * CloudFront counts of functions, then what could not be checked. Null where nothing is named.
 */
export function likeliestCause({
  possibleCauses,
  functionErrors,
}: Pick<DistributionFinding, "possibleCauses" | "functionErrors">): string | null {
  const open = possibleCauses.find(({ effect }) => effect !== "unseen");
  if (open !== undefined) return `Possible cause${sinceWhen(open)}: ${possibleCauseWords(open)}.`;
  const [failing] = functionErrors;
  if (failing !== undefined) return `Possible cause: ${functionWords(failing)}.`;
  const [unseen] = possibleCauses;
  return unseen === undefined ? null : `Possible cause: ${possibleCauseWords(unseen)}.`;
}

/** What may be behind it, as a clause: `api.example.com, intermediate certificate missing (502)`. */
export function possibleCauseWords({ domain, port, title, effect }: PossibleCause): string {
  const name = hostAndPort({ domain, port });
  const what = printable(title, 250);
  return effect === "unseen" ? `${name} could not be checked (${what})` : `${name}, ${what} (${effectWord(effect)})`;
}

/** Since when people know of it, to stand after "Possible cause". */
export function sinceWhen({ openSince, effect }: PossibleCause): string {
  if (effect === "unseen") return "";
  return openSince === null ? ", not reported before" : `, open since ${instant(openSince)}`;
}

export function functionWords({ kind, name, errors }: FunctionErrors): string {
  const what = kind === "lambda-at-edge" ? "Lambda@Edge function" : "CloudFront function";
  return `CloudFront counted ${grouped(errors)} ${errors === 1 ? "error" : "errors"} of the ${what} ${printable(name, 64)} in that time`;
}

function effectWord(effect: "502" | "504" | "may"): string {
  return effect === "may" ? "at risk" : effect;
}
