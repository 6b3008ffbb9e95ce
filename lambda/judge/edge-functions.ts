import type { ErrorPage, FunctionBefore, PlannedConnection } from "../plan/connection.ts";
import { ruleOf } from "./catalogue.ts";
import { type Effect, severityOf } from "./effect.ts";
import type { Finding } from "./finding.ts";
import { findingOf } from "./finding-of.ts";
import { errorPageOrigin } from "./findings/error-page-origin.ts";
import { placeholderOrigin } from "./findings/placeholder-origin.ts";
import { unlessTheyStepIn } from "./function-name.ts";
import type { Policy } from "./rule.ts";

/**
 * An origin that every request reaches through an edge function may be a placeholder: the function sends all requests
 * elsewhere, or answers them. One that never passed from here fails only perhaps, and that reason comes first. One that
 * passed before fails in full, so that nobody makes an origin's failure milder by adding a function.
 */
export function behindFunctions(
  { connection }: PlannedConnection,
  findings: readonly Finding[],
  { historyOf, occasion }: Policy,
): Finding[] {
  const before = connection.uses.map(({ functionsBefore }) => functionsBefore);
  const [first] = before;
  const passedOn = historyOf?.(connection)?.passedOn;
  if (first === undefined || typeof passedOn === "string") return [...findings];
  const functions: FunctionBefore[] = [];
  let afterDns = false;
  for (const each of before) {
    if (each === undefined) return [...findings];
    functions.push(...each.functions);
    afterDns ||= each.afterDns;
  }
  // CloudFront resolves the configured name before it runs a function for origin requests.
  const isPerhaps = ({ code, effect }: Finding) => isFailure(effect) && !(afterDns && ruleOf(code).stage === "dns");
  if (!findings.some(isPerhaps)) return [...findings];
  const found = placeholderOrigin.examine({ functions, remembers: passedOn === null, occasion });
  if (found === undefined) return [...findings];
  const lowered = findings.map((finding) =>
    isPerhaps(finding)
      ? {
          ...finding,
          effect: "may" as const,
          severity: severityOf("may"),
          explanation: `${found.cause} ${found.explanation} ${finding.explanation}`,
          doubt: unlessTheyStepIn(functions),
        }
      : finding,
  );
  return [...lowered, findingOf(placeholderOrigin, found, null)];
}

/** What a failing origin, or a placeholder, means for the custom error pages that CloudFront fetches from it. */
export function withErrorPages({ connection }: PlannedConnection, findings: readonly Finding[]): Finding[] {
  const isPlaceholder = findings.some(({ code }) => code === placeholderOrigin.code);
  if (!isPlaceholder && !findings.some(({ effect }) => isFailure(effect))) return [...findings];
  const byPath = new Map<string, ErrorPage>();
  for (const { errorPages } of connection.uses) for (const page of errorPages ?? []) byPath.set(page.path, page);
  if (byPath.size === 0) return [...findings];
  const why = isPlaceholder ? "placeholder" : "fails";
  const found = errorPageOrigin.examine({ pages: [...byPath.values()], why });
  return found === undefined ? [...findings] : [...findings, findingOf(errorPageOrigin, found, null)];
}

function isFailure(effect: Effect): boolean {
  return effect === "502" || effect === "504";
}
