/** The identity of a finding over time: the connection and the code. */
export function identity({ key, code }: { readonly key: string; readonly code: string }): string {
  return `${code} ${key}`;
}
