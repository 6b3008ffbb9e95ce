import { instant } from "../text/instant.ts";
import { between } from "../text/span.ts";
import type { FirstScreen } from "./first-screen.ts";
import type { OpenOrigin } from "./summary.ts";

/** What a reminder says first: since when nothing has changed, and what that means. Its subject has the cause. */
export function unchangedLines({ findings }: OpenOrigin, { lead }: FirstScreen, at: string): readonly string[] {
  const since = findings.map(({ openedAt }) => openedAt).sort()[0] ?? at;
  const [first = "", ...rest] = lead;
  const head = `Unchanged since ${instant(since)} (${between(since, at)}). ${first}`;
  return [head, ...rest];
}
