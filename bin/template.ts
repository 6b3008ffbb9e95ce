import { writeFileSync } from "node:fs";
import { longestTemplate, oneFileTemplate } from "../lib/one-file/template.ts";
import manifest from "../package.json" with { type: "json" };

// `npm run template` writes the stack as one CloudFormation template, for who does not use the CDK; `-- FILE` says where.
const [file = "origin-watch.template.json", ...rest] = process.argv.slice(2);
if (rest.length > 0 || file.startsWith("-")) {
  console.error("Usage: npm run template [-- FILE]");
  process.exitCode = 2;
} else {
  const { text, functions } = oneFileTemplate(manifest.version);
  writeFileSync(file, text);
  console.log(`${file}: ${Buffer.byteLength(text)} bytes of the ${longestTemplate} that CloudFormation takes`);
  for (const { logicalId, code } of functions) {
    console.log(`${logicalId}: a program of ${code.bytes} bytes, SHA-256 ${code.sha256}`);
  }
}
