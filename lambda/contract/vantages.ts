/**
 * What a deployment's workers are called: by the stack of the function that watches and the account, so that one that was
 * left over, or put there by somebody else, is not taken for another one's. A name has at most 64 characters
 * (https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html).
 *
 * @param stackName at most `longestStackName` characters
 */
export function workerName(stackName: string, accountId: string): string {
  return `${stackName}-worker-${accountId}`;
}

/** So that there is room for the rest of a worker's name. */
export const longestStackName = 64 - "-worker-".length - "123456789012".length;

/** A Region as AWS names it; what leaves a settings file for an ARN or a host name must be one. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2}(-[a-z]{1,12}){1,3}-\d{1,2}$/.test(text);
}

/** Vantages beside the function that watches: each costs as much as that. */
export const mostVantageRegions = 10;
/** Beyond so many connections one function does not get through in its time. */
export const mostWithoutFleet = 20_000;
