import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { meanwhile } from "./meanwhile.ts";
import { stepsOf, withOutputs } from "./page.ts";
import { startShell } from "./stage.ts";

/** `npm run docs:terminal`: runs every command of docs/terminal.md in the box, and writes what comes out into the page. */
const file = join(import.meta.dirname, "..", "..", "..", "docs", "terminal.md");
const page = readFileSync(file, "utf8");
const shell = await startShell();
try {
  const outputs: string[] = [];
  for (const { command } of stepsOf(page)) {
    process.stderr.write(`$ ${command}\n`);
    const { output } = await shell.run(command, meanwhile(command));
    outputs.push(shell.presentation.shown(output));
  }
  writeFileSync(file, withOutputs(page, outputs));
} finally {
  await shell.close();
}
