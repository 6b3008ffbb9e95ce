/** What is asked of CloudFront itself: nothing, what is not in order or could not be seen, or every origin. */
export const throughCloudFrontSettings = ["off", "doubt", "all"] as const;

export type ThroughCloudFrontSetting = (typeof throughCloudFrontSettings)[number];

export function isThroughCloudFrontSetting(value: unknown): value is ThroughCloudFrontSetting {
  return throughCloudFrontSettings.some((setting) => setting === value);
}
