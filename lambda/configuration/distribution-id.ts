/**
 * Whether a text has the form of a distribution's id, without which it goes into no ARN and no address. AWS gives ids of
 * capital letters and digits; a saved file may hold anything.
 */
export function isDistributionId(text: string): boolean {
  return /^[A-Z0-9]{1,32}$/.test(text);
}
