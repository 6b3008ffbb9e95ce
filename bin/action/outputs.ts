import { randomUUID } from "node:crypto";
import type { Conclusion } from "./conclusion.ts";
import type { Inputs } from "./inputs.ts";

/**
 * The outputs of the step, as a runner reads them from the file `GITHUB_OUTPUT`
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#multiline-strings). They are words
 * of a list, numbers, and paths that the workflow itself gave: nothing of what was checked.
 */
export function outputs({ verdict, counts, unread }: Conclusion, files: Inputs["files"]): string {
  const values = { verdict, ...counts, unread, ...files };
  return Object.entries(values)
    .map(([name, value]) => {
      const delimiter = `end-${randomUUID()}`;
      return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
    })
    .join("");
}
