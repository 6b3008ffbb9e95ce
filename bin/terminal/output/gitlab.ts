import { printable } from "../../../lambda/text/printable.ts";
import type { Result } from "./results.ts";

/** More than anybody reads, and little enough for GitLab to show. */
const mostResults = 5_000;

/**
 * The results as GitLab's Code Quality report, which a merge request shows
 * (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format).
 */
export function gitlab(results: readonly Result[]): string {
  const entries = results.slice(0, mostResults).map((result) => ({
    description: printable(`${result.title}. ${result.consequence}`, 1_000),
    check_name: result.code,
    fingerprint: result.fingerprint,
    severity: severityOf(result),
    location: { path: result.place.file.toWellFormed(), lines: { begin: result.place.line ?? 1 } },
  }));
  return `${JSON.stringify(entries, null, 1)}\n`;
}

function severityOf({ effect }: Result): "info" | "minor" | "major" | "critical" {
  switch (effect) {
    case "502":
    case "504":
      return "critical";
    case "may":
    case "unread":
      return "major";
    case "unseen":
      return "minor";
    case "note":
      return "info";
  }
}
