/**
 * A distinguished name as people call it: `R11 (Let's Encrypt)` for `CN=R11, O=Let's Encrypt, C=US`. A name of another
 * form stays as it is.
 */
export function shortName(name: string): string {
  const [, common, organization] = /^CN=([^,=]+)(?:, O=([^,=]+))?(?:, [A-Z]+=[^,=]+)*$/.exec(name) ?? [];
  if (common === undefined) return name;
  return organization === undefined ? common : `${common} (${organization})`;
}
