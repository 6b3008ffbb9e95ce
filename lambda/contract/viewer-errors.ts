/** How often CloudFront's own count of errors is asked for: of everything, that is. What is in doubt is asked in each run. */
export const viewerErrorsSettings = ["hourly", "every-run", "off"] as const;

export type ViewerErrorsSetting = (typeof viewerErrorsSettings)[number];

export function isViewerErrorsSetting(value: unknown): value is ViewerErrorsSetting {
  return viewerErrorsSettings.some((one) => one === value);
}
