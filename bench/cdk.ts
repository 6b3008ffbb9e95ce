import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { tableRow, writeSection } from "./benchmarks-page.ts";

/**
 * The packed construct in CDK apps at both ends of its peer range, installed from npm as a user installs it, and in one
 * that is too old. Writes its section of docs/benchmarks.md, and fails where an app does not synthesise, where npm
 * installs another CDK than the app names, or where the templates differ.
 */
const least = (range: string) => range.replace("^", "");
const peers = manifest.peerDependencies;
const apps = [
  { cdk: least(peers["aws-cdk-lib"]), constructs: least(peers.constructs) },
  { cdk: manifest.devDependencies["aws-cdk-lib"], constructs: manifest.devDependencies.constructs },
];
const tooOld = { cdk: "2.223.0", constructs: least(peers.constructs) };

const program = `
import { App, Stack } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { OriginWatch } from "origin-watch";
const app = new App({ outdir: "cdk.out" });
const stack = new Stack(app, "Mine");
new OriginWatch(stack, "Watch", {
  alertEmails: ["ops@example.com"],
  eventBus: "default",
  securityHub: true,
  muteTags: true,
  encryptionKey: new Key(stack, "Key"),
  criticalTopic: new Topic(stack, "Critical"),
});
app.synth();
`;

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "origin-watch-cdk-"));
try {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root, stdio: "pipe" });
  const tarball = join(folder, readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "");
  const made = apps.map((app) => synthesised(app, tarball, []));
  const refused = synthesised(tooOld, tarball, ["--legacy-peer-deps"]);
  const rows = [...apps, tooOld].map(({ cdk, constructs }, index) =>
    tableRow([cdk, constructs, [...made, refused][index]?.words ?? ""]),
  );
  const lines = [
    `Made by \`npm run bench:cdk\` with Node ${process.versions.node}.`,
    "",
    "A CDK app that names exactly these releases, into which the package is installed. The last one is too old; npm refuses",
    "to install the package there, and was told to do it all the same.",
    "",
    tableRow(["aws-cdk-lib", "constructs", "`node app.mjs`"]),
    tableRow(["---", "---", "---"]),
    ...rows,
  ];
  writeSection("The construct in CDK apps", lines);
  process.stdout.write(`${lines.join("\n")}\nwritten to docs/benchmarks.md\n`);
  const [first, ...others] = made.map(({ template }) => template);
  const isSame = others.every((other) => other !== null && other === first);
  if (!isSame || !refused.words.startsWith("Error: Origin Watch needs aws-cdk-lib ")) {
    process.stderr.write(
      "MISSED: an app does not synthesise, templates differ, or an old CDK is not refused in words\n",
    );
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

function synthesised(
  { cdk, constructs }: { readonly cdk: string; readonly constructs: string },
  tarball: string,
  options: readonly string[],
): { readonly words: string; readonly template: string | null } {
  const app = join(folder, cdk);
  mkdirSync(app);
  const dependencies = { "aws-cdk-lib": cdk, constructs };
  writeFileSync(join(app, "package.json"), JSON.stringify({ type: "module", private: true, dependencies }));
  writeFileSync(join(app, "app.mjs"), program);
  const install = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", ...options, tarball];
  const installed = spawnSync("npm", install, { cwd: app, encoding: "utf8" });
  if (installed.status !== 0) return { words: "npm refuses to install it", template: null };
  const { version } = JSON.parse(readFileSync(join(app, "node_modules", "aws-cdk-lib", "package.json"), "utf8")) as {
    version: string;
  };
  if (version !== cdk) return { words: `npm installs aws-cdk-lib ${version}`, template: null };
  const run = spawnSync(process.execPath, ["app.mjs"], { cwd: app, encoding: "utf8" });
  if (run.status !== 0) {
    const error = /^\w*Error: .*$/m.exec(run.stderr)?.[0] ?? "fails without a word";
    return { words: error, template: null };
  }
  return { words: "synthesises", template: readFileSync(join(app, "cdk.out", "Mine.template.json"), "utf8") };
}
