import { type Scope, scopeId } from "../configuration/scope.ts";

/** The identity of a finding over time: the connection and the code. */
export function identity({ key, code }: { readonly key: string; readonly code: string }): string {
  return `${code} ${key}`;
}

/** The identity of a problem of the run over time: the code, and the account that it concerns. */
export function problemIdentity({ code, scope }: { readonly code: string; readonly scope: Scope | null }): string {
  return `${code} ${scopeId(scope)}`;
}
