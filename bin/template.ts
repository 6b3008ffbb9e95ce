import { writeFileSync } from "node:fs";
import { memberTemplate } from "../lib/member-template.ts";
import { longestTemplate, oneFileTemplate } from "../lib/one-file/template.ts";
import manifest from "../package.json" with { type: "json" };

// `npm run template` writes the stack as one CloudFormation template, for who does not use the CDK; with `-- --member` the
// role that other accounts have. A name of a file says where.
const wantsMember = process.argv[2] === "--member";
const [file, ...rest] = process.argv.slice(wantsMember ? 3 : 2);
if (rest.length > 0 || file?.startsWith("-")) {
  console.error("Usage: npm run template [-- [--member] [FILE]]");
  process.exitCode = 2;
} else if (wantsMember) {
  writeMember(file ?? "origin-watch-member.template.json");
} else {
  writeStack(file ?? "origin-watch.template.json");
}

function writeStack(file: string): void {
  const { text, functions } = oneFileTemplate(manifest.version);
  writeFileSync(file, text);
  console.log(`${file}: ${Buffer.byteLength(text)} bytes of the ${longestTemplate} that CloudFormation takes`);
  for (const { logicalId, code } of functions) {
    console.log(`${logicalId}: a program of ${code.bytes} bytes, SHA-256 ${code.sha256}`);
  }
}

function writeMember(file: string): void {
  const text = `${JSON.stringify(memberTemplate(manifest.version), null, 1)}\n`;
  writeFileSync(file, text);
  console.log(`${file}: one role, for the accounts that Origin Watch is to read`);
}
