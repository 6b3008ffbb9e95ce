import type { FunctionBefore } from "../plan/connection.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";

/** `the edge function rewrite`, or the first three of several. */
export function functionsNamed(functions: readonly FunctionBefore[]): string {
  const names = namesOf(functions);
  return `${names.length === 1 ? "the edge function" : "the edge functions"} ${enumerated(names, 3)}`;
}

/** What they can do with a request, after `can`. */
export function abilitiesOf(functions: readonly FunctionBefore[]): string {
  return functions.some(mayChooseOrigin)
    ? "choose another origin or answer the request"
    : "answer the request without the origin";
}

/** The condition under which the origin does not matter: goes on after "cache misses may get 502". */
export function unlessTheyStepIn(functions: readonly FunctionBefore[]): string {
  const named = functionsNamed(functions);
  const abilities = abilitiesOf(functions);
  return namesOf(functions).length === 1
    ? `unless ${named} ${abilities.replace(/\b(choose|answer)\b/g, "$1s")}`
    : `unless ${named} ${abilities}`;
}

function mayChooseOrigin({ runtime, eventType, code }: FunctionBefore): boolean {
  return runtime === "cloudfront-functions" ? code !== "may-answer" : eventType === "origin-request";
}

function namesOf(functions: readonly FunctionBefore[]): readonly string[] {
  return [...new Set(functions.map(({ arn }) => nameOf(arn)))];
}

/**
 * `arn:aws:cloudfront::111122223333:function/NAME`, `arn:aws:lambda:us-east-1:111122223333:function:NAME:VERSION`; of what
 * is neither, all of it.
 */
function nameOf(arn: string): string {
  const [, name = arn] = /:function[/:]([^/:]+)/.exec(arn) ?? [];
  return printable(name, 64);
}
