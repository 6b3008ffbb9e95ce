import type { RunProblem } from "../report/record.ts";

/** What hampered a run, short enough for a subject. */
export function problemTitle({ code }: { readonly code: string }): string {
  return (titles as { readonly [code: string]: string | undefined })[code] ?? code;
}

const titles: Readonly<Record<RunProblem["code"], string>> = {
  "inventory-failed": "distributions could not be listed",
  "policies-unreadable": "policies could not be read",
  "distribution-unreadable": "a distribution could not be read",
  "tenants-left-out": "not every tenant is checked",
  "details-unreadable": "details of an origin could not be read",
  "mute-tag-unreadable": "a tag that mutes could not be understood",
  "telling-failed": "what changed could not be put into words",
  "state-unreadable": "the record of earlier messages could not be read",
  "out-of-time": "not every origin was checked in time",
  "observations-unusable": "some of what was seen could not be used",
};
