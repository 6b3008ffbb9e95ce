import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Assembly, readAssembly } from "./assembly.ts";

/** Handlers for what a function can do, and for what can go wrong with one. */
const handlers: Readonly<Record<string, string>> = {
  echo: `async (event, { getRemainingTimeInMillis, ...context }) =>
    ({ event, context, remaining: getRemainingTimeInMillis(), environment: process.env })`,
  count: `async ({ fail }) => {
    invocations += 1;
    if (fail) throw new TypeError("not like this");
    return invocations;
  }`,
  nothing: "() => {}",
  time: `async (event, { getRemainingTimeInMillis }) => ({
    now: Date.now(),
    made: new Date().getTime(),
    epoch: new Date(0).toISOString(),
    isDate: new Date() instanceof Date,
    remaining: getRemainingTimeInMillis(),
  })`,
  logs: `async ({ lines }) => {
    for (const line of lines) console.log(line);
    console.error("to the other stream");
  }`,
  throwsText: 'async () => { throw "only words"; }',
  rejects: 'async () => { Promise.reject(new Error("nobody waits for me")); await forever(); }',
  exits: "async ({ code }) => process.exit(code)",
  waits: "async () => { console.log(process.pid); await forever(); }",
  spins: "async () => { for (;;); }",
  sleeps: "async ({ ms }) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)",
  lingers: 'async () => { setImmediate(() => { for (;;); }); return "answered"; }',
  big: 'async ({ bytes }) => "x".repeat(bytes - 2)',
  eats: `async ({ mb, afterwards }) => {
    for (let n = 0; n < mb; n += 1) kept.push(Buffer.alloc(1024 * 1024, 1));
    if (afterwards === "waits") await forever();
    return kept.length;
  }`,
  heap: 'async () => require("node:v8").getHeapStatistics().heap_size_limit / 1024 / 1024',
  writes: `async ({ path }) => {
    const file = require("node:path").join(path === "tmp" ? require("node:os").tmpdir() : path, "written");
    require("node:fs").writeFileSync(file, "x");
    return require("node:fs").readFileSync(file, "utf8");
  }`,
  spawns: 'async () => { require("node:child_process").execFileSync(process.execPath, ["-v"]); }',
  callback: "(event, context, callback) => callback(null, 1)",
};

const files: Readonly<Record<string, string>> = {
  "index.js": [
    "let invocations = 0;",
    "const kept = [];",
    "const forever = () => new Promise((resolve) => setTimeout(resolve, 600_000));",
    ...Object.entries(handlers).map(([name, code]) => `exports.${name} = ${code};`),
  ].join("\n"),
  "broken.js": "exports.handler = (",
  "throwing.js": "console.log('about to'); throw new RangeError('at load');",
  "endless.js": "for (;;);",
};

/** A function for each handler, with 128 MB, and some with settings of their own. */
const functions: Readonly<Record<string, object>> = {
  ...Object.fromEntries(Object.keys(handlers).map((name) => [name, { Handler: `index.${name}`, Timeout: 60 }])),
  Configured: {
    Handler: "index.echo",
    MemorySize: 256,
    Timeout: 60,
    Environment: { Variables: { TABLE: { Ref: "Table" } } },
  },
  Short: { Handler: "index.waits", Timeout: 1 },
  Spins: { Handler: "index.spins", Timeout: 1 },
  Lingers: { Handler: "index.lingers", Timeout: 1 },
  Missing: { Handler: "absent.handler" },
  NotExported: { Handler: "index.absent" },
  Broken: { Handler: "broken.handler" },
  Throwing: { Handler: "throwing.handler" },
  Endless: { Handler: "endless.handler" },
  Unresolved: { Handler: "index.echo", Environment: { Variables: { OTHER: { Ref: "Other" } } } },
  Layered: { Handler: "index.echo", Layers: ["arn:of:a:layer"] },
};

/** An assembly of a stack `Test`, in a temporary directory, as the CDK would have written it. */
export function writeTinyAssembly(): Assembly {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "origin-watch-tiny-"));
  mkdirSync(join(directory, "asset"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, "asset", name), text);
  const common = { Runtime: "nodejs24.x", Role: { "Fn::GetAtt": ["Role", "Arn"] }, Code: {} };
  const resources = Object.entries(functions).map(([name, properties]) => {
    const metadata = { "aws:cdk:path": `Test/${name}/Resource`, "aws:asset:path": "asset" };
    return [name, { Type: "AWS::Lambda::Function", Properties: { ...common, ...properties }, Metadata: metadata }];
  });
  const tables = ["Table", "Other"].map((name) => [
    name,
    { Type: "AWS::DynamoDB::Table", Metadata: { "aws:cdk:path": `Test/${name}/Resource` } },
  ]);
  const template = { Resources: Object.fromEntries([...resources, ...tables]) };
  writeFileSync(join(directory, "test.template.json"), JSON.stringify(template));
  const stack = { type: "aws:cloudformation:stack", properties: { templateFile: "test.template.json" } };
  writeFileSync(join(directory, "manifest.json"), JSON.stringify({ artifacts: { Test: stack } }));
  return readAssembly(directory);
}
