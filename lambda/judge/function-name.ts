import type { FunctionBefore } from "../plan/connection.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";

/** `the edge function rewrite`, or the first three of several. Of what is no function's ARN, all of it. */
export function functionsNamed(functions: readonly FunctionBefore[]): string {
  const names = [...new Set(functions.map(({ arn }) => nameOf(arn)))];
  return `${names.length === 1 ? "the edge function" : "the edge functions"} ${enumerated(names, 3)}`;
}

/** `arn:aws:cloudfront::111122223333:function/NAME`, `arn:aws:lambda:us-east-1:111122223333:function:NAME:VERSION`. */
function nameOf(arn: string): string {
  const [, name = arn] = /:function[/:]([^/:]+)/.exec(arn) ?? [];
  return printable(name, 64);
}
