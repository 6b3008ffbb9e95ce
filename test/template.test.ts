import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { version } from "../lambda/contract/version.ts";
import type { State } from "../lambda/incidents/state.ts";
import { byVerdict } from "../lambda/judge/verdict.ts";
import type { ConnectionRecord } from "../lambda/report/record.ts";
import { memberTemplate } from "../lib/member-template.ts";
import type { JsonObject } from "../lib/one-file/json.ts";
import { evaluate, objectOf, textOf } from "./lib/one-file/evaluate.ts";
import { programOf } from "./lib/one-file/program-of.ts";
import { deploy, STATE_BUCKET, STATE_KEY } from "./sandbox/deployment.ts";
import { type Assembly, type Resource, synthesise } from "./sandbox/lambda/assembly.ts";

const root = join(import.meta.dirname, "..");

let folder: string;
let said: string;
let template: JsonObject;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "origin-watch-template-"));
  const file = join(folder, "origin-watch.template.json");
  said = execFileSync(process.execPath, [join(root, "bin", "template.ts"), file], { encoding: "utf8" });
  template = evaluate(JSON.parse(readFileSync(file, "utf8")), { AlertEmail: "ops@example.com" });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a function's code where Lambda puts it: alone in a folder, as index.js. Gives the path of the file. */
function extracted(id: string): string {
  const { Code, Handler } = objectOf(objectOf(objectOf(template.Resources)[id]).Properties);
  expect(Handler).toBe("index.handler");
  mkdirSync(join(folder, id), { recursive: true });
  const index = join(folder, id, "index.js");
  writeFileSync(index, textOf(objectOf(Code).ZipFile));
  return index;
}

const functionIds = () =>
  Object.entries(objectOf(template.Resources))
    .filter(([, resource]) => objectOf(resource).Type === "AWS::Lambda::Function")
    .map(([id]) => id);

/** The template as an assembly: with the paths that the stack's has for the same logical ids, and the code in folders. */
function asAssembly(stack: Assembly): Assembly {
  const resources = Object.entries(template.Resources as unknown as Record<string, Resource>);
  const functions = new Set(functionIds());
  const located = resources.map(([id, resource]) => {
    const path = stack.template.Resources[id]?.Metadata?.["aws:cdk:path"] ?? id;
    if (functions.has(id)) extracted(id);
    return [id, { ...resource, Metadata: { "aws:cdk:path": path, "aws:asset:path": id } }];
  });
  return { ...stack, directory: folder, template: { Resources: Object.fromEntries(located) } };
}

describe("npm run template", () => {
  it("says which programs are in the file", () => {
    expect(functionIds().length).toBeGreaterThan(0);
    for (const id of functionIds()) {
      const { sha256 } = programOf(readFileSync(extracted(id), "utf8"));
      expect(said).toMatch(new RegExp(`^${id}: .* SHA-256 ${sha256}$`, "m"));
    }
  });

  it("writes the role of other accounts, as a StackSet carries it", () => {
    const file = join(folder, "member.json");
    const written = execFileSync(process.execPath, [join(root, "bin", "template.ts"), "--member", file]).toString();
    expect(written).toContain("one role");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(memberTemplate(version));
  });

  it.each([[["one", "two"]], [["--help"]], [["--member", "one", "two"]]])("takes nothing but a file (%s)", (args) => {
    const run = () => execFileSync(process.execPath, [join(root, "bin", "template.ts"), ...args], { stdio: "pipe" });
    expect(run).toThrow("Usage: npm run template [-- [--member] [FILE]]");
  });
});

describe("the function in the template", () => {
  it("does a whole run, as the template describes it", async () => {
    const stack = await synthesise();
    const { account, handler, close } = await deploy(asAssembly(stack));
    try {
      const { logs } = await handler.invoke();
      const records = logs
        .map((line): { readonly message?: string } => JSON.parse(line))
        .filter(({ message }) => message === "connection") as unknown as ConnectionRecord[];
      expect(account.origins.length).toBeGreaterThan(10);
      for (const { domain, expectedVerdict } of account.origins) {
        const [record] = records.filter(({ connection }) => connection.domain === domain).toSorted(byVerdict);
        expect([domain, record?.verdict]).toEqual([domain, expectedVerdict]);
      }
      const subjects = account.aws.messages.map(({ subject }) => subject);
      expect(subjects).toContainEqual(
        expect.stringMatching(/^\[502\] 14 origins: expired\.box\.test.*\(10 failing, 4 at risk, 123456789012\)$/),
      );
      const stored = account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1);
      const { incidents } = JSON.parse(stored?.body.toString() ?? "") as State;
      expect(incidents.length).toBeGreaterThan(10);
    } finally {
      await close();
      stack.remove();
    }
  });
});
