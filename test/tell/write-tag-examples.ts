import { readFileSync, writeFileSync } from "node:fs";
import { exampleBlock, withExamples } from "./tag-examples.ts";

/** `npm run docs:alerts`: writes the examples of docs/alerts.md. */
const file = new URL("../../docs/alerts.md", import.meta.url);
writeFileSync(file, withExamples(readFileSync(file, "utf8"), exampleBlock()));
