import { masked } from "./presentation.ts";

/** A command of a page and what the page shows of its output. */
export type Step = { readonly command: string; readonly output: string };

/**
 * The commands in the blocks ```console of a page: a line `$ COMMAND`, and below it what came out. An output that ends in
 * `[… N more lines]` is shown in part, as far as the comment before the block says: `<!-- first 20 lines -->`.
 */
export function stepsOf(page: string): readonly Step[] {
  return blocksOf(page).flatMap(({ steps }) => steps);
}

/** The same page with these outputs, one for each command. Where an output says the same, the page stays as it is. */
export function withOutputs(page: string, outputs: readonly string[]): string {
  let next = 0;
  return blocksOf(page).reduce((text, { whole, opening, first, steps }) => {
    const body = steps.map((step) => {
      const output = inPart(outputs[next] ?? "", first);
      next += 1;
      return { ...step, output: masked(output) === masked(step.output) ? step.output : output };
    });
    const written = body.map(({ command, output }) => `$ ${command}\n${output}`).join("");
    return text.replace(whole, () => `${opening}${written}\`\`\`\n`);
  }, page);
}

/** The first lines of a text and how many more there are, or all of it. */
export function inPart(output: string, first: number | null): string {
  const lines = output.split("\n").slice(0, -1);
  const ended = output === "" || output.endsWith("\n") ? output : `${output}\n`;
  if (first === null || lines.length <= first) return ended;
  return `${lines.slice(0, first).join("\n")}\n[… ${lines.length - first} more lines]\n`;
}

type Block = {
  readonly whole: string;
  readonly opening: string;
  readonly first: number | null;
  readonly steps: readonly Step[];
};

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/((?:<!-- first (\d+) lines -->\n)?```console\n)([\s\S]*?)```\n/g)].map(
    ([whole, opening = "", first, body = ""]) => ({
      whole,
      opening,
      first: first === undefined ? null : Number(first),
      steps: body
        .split(/^\$ /m)
        .slice(1)
        .map((text) => {
          const end = text.indexOf("\n");
          return { command: text.slice(0, end), output: text.slice(end + 1) };
        }),
    }),
  );
}
