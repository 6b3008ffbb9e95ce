/** What holds in a deployment and in the terminal where nobody says otherwise. */
export const defaults = {
  /** Days before its end from which a certificate counts as expiring. */
  expiryWarningDays: 21,
  /** Hours after which what fails is told again. */
  reminderHours: 24,
  /** Days after which what is at risk is told again. */
  riskReminderDays: 7,
  /** How often CloudFront's own count of errors is asked for. */
  viewerErrors: "hourly",
  /** What is asked of CloudFront itself. */
  throughCloudFront: "off",
  /** Batches of connections that are observed at once in each Region with workers. */
  workerConcurrency: 10,
} as const;
