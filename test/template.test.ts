import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { State } from "../lambda/incidents/state.ts";
import type { ConnectionRecord } from "../lambda/tell/record.ts";
import type { Json, JsonObject } from "../lib/one-file/json.ts";
import { evaluate, objectOf, textOf } from "./lib/one-file/evaluate.ts";
import { programOf } from "./lib/one-file/program-of.ts";
import { startAccount } from "./sandbox/account.ts";
import { deployHandler } from "./sandbox/deployed-handler.ts";
import { handlerEnvironment, LOG_GROUP, STATE_BUCKET, STATE_KEY, TOPIC_ARN } from "./sandbox/deployment.ts";

const root = join(import.meta.dirname, "..");

let folder: string;
let said: string;
let template: JsonObject;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "origin-watch-template-"));
  const file = join(folder, "origin-watch.template.json");
  said = execFileSync(process.execPath, [join(root, "bin", "template.ts"), file], { encoding: "utf8" });
  template = evaluate(JSON.parse(readFileSync(file, "utf8")), { AlertEmail: "ops@example.com" });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Extracted = { readonly id: string; readonly index: string; readonly environment: Record<string, string> };

/** Puts a function's code where Lambda puts it: alone in a folder, as index.js. */
function extracted(id: string): Extracted {
  const { Properties } = objectOf(objectOf(template.Resources)[id]);
  const { Code, Environment, Handler } = objectOf(Properties);
  expect(Handler).toBe("index.handler");
  const directory = join(folder, id);
  mkdirSync(directory, { recursive: true });
  const index = join(directory, "index.js");
  writeFileSync(index, textOf(objectOf(Code).ZipFile));
  const variables = Object.entries(objectOf(objectOf(Environment).Variables));
  return { id, index, environment: Object.fromEntries(variables.map(([name, value]) => [name, inTheBox(value)])) };
}

/** The value that CloudFormation would put in, of the account in a box. */
function inTheBox(value: Json): string {
  if (typeof value === "string") return value;
  const type = objectOf(objectOf(template.Resources)[textOf(objectOf(value).Ref)]).Type;
  return inBox.get(textOf(type)) ?? notInBox;
}

const inBox = new Map([
  ["AWS::SNS::Topic", TOPIC_ARN],
  ["AWS::S3::Bucket", STATE_BUCKET],
  ["AWS::Logs::LogGroup", LOG_GROUP],
]);
const notInBox = "something that the box does not have";

describe("npm run template", () => {
  it("says which programs are in the file", () => {
    const functions = Object.entries(objectOf(template.Resources)).filter(
      ([, resource]) => objectOf(resource).Type === "AWS::Lambda::Function",
    );
    expect(functions.length).toBeGreaterThan(0);
    for (const [id] of functions) {
      const { sha256 } = programOf(readFileSync(extracted(id).index, "utf8"));
      expect(said).toMatch(new RegExp(`^${id}: .* SHA-256 ${sha256}$`, "m"));
      // Nobody runs this one but Node: whatever it is for, it loads as it is and has a handler.
      const script = `console.log(typeof require(${JSON.stringify(extracted(id).index)}).handler)`;
      const environment = { ...extracted(id).environment, AWS_REGION: "us-east-1" };
      expect(execFileSync(process.execPath, ["-e", script], { encoding: "utf8", env: environment })).toBe("function\n");
    }
  });

  it.each([[["one", "two"]], [["--help"]]])("takes nothing but a file (%s)", (args) => {
    const run = () => execFileSync(process.execPath, [join(root, "bin", "template.ts"), ...args], { stdio: "pipe" });
    expect(run).toThrow("Usage: npm run template [-- FILE]");
  });
});

describe("the function in the template", () => {
  it("does a whole run, with the environment that the template gives it", async () => {
    const { FunctionName } = objectOf(template.Outputs);
    const { index, environment } = extracted(textOf(objectOf(objectOf(FunctionName).Value).Ref));
    expect(Object.values(environment)).not.toContain(notInBox);
    const account = await startAccount({ topics: [TOPIC_ARN], buckets: [STATE_BUCKET], privateAddress: "10.0.0.1" });
    // Of the box comes what Lambda sets and what only tests may set; the rest must be in the template.
    const ofTheBox = /^(?:AWS_\w+|DNS_SERVERS|ALLOWED_PRIVATE_NETWORKS|EXTRA_TRUST_ANCHORS_FILES)$/;
    const box = Object.entries(handlerEnvironment(account)).filter(([name]) => ofTheBox.test(name));
    const handler = await deployHandler(index, { ...Object.fromEntries(box), ...environment });
    try {
      const { logs } = await handler.invoke();
      const records = logs
        .map((line): { readonly message?: string } => JSON.parse(line))
        .filter(({ message }) => message === "connection") as unknown as ConnectionRecord[];
      expect(account.origins.length).toBeGreaterThan(10);
      for (const { domain, expectedVerdict } of account.origins) {
        const record = records.find(({ connection }) => connection.domain === domain);
        expect([domain, record?.verdict]).toEqual([domain, expectedVerdict]);
      }
      const subjects = account.aws.messages.map(({ subject }) => subject);
      expect(subjects).toContainEqual(expect.stringMatching(/^\[502\] 11 origins failing, 3 at risk/));
      const stored = account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1);
      const { incidents } = JSON.parse(stored?.body.toString() ?? "") as State;
      expect(incidents.length).toBeGreaterThan(10);
    } finally {
      await Promise.all([handler.close(), account.close()]);
    }
  });
});
