import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FUNCTIONS } from "../deployment.ts";
import { type Assembly, logicalIdAt, resolver, sharedAssemblies, synthesise } from "./assembly.ts";

let assembly: Assembly;
beforeAll(async () => {
  vi.stubEnv(sharedAssemblies, undefined);
  assembly = await synthesise({ memoryMb: 1_024, eventBus: "default", boardMutes: true });
  vi.unstubAllEnvs();
});
afterAll(() => {
  assembly.remove();
  expect(existsSync(assembly.directory)).toBe(false);
});

describe("synthesise", () => {
  it("lets the app write its assembly for a context", () => {
    expect(assembly.stackName).toBe("OriginWatch");
    expect(assembly.template.Resources[logicalIdAt(assembly, FUNCTIONS.watch)]).toMatchObject({
      Type: "AWS::Lambda::Function",
      Properties: { MemorySize: 1_024 },
    });
  });

  it.each(Object.values(FUNCTIONS))("has the code of %s in it", (path) => {
    const { Metadata } = assembly.template.Resources[logicalIdAt(assembly, path)] ?? {};
    expect(existsSync(join(assembly.directory, Metadata?.["aws:asset:path"] as string, "index.js"))).toBe(true);
  });

  it("is done once for all that share its result, which outlasts each of them", async () => {
    const first = await synthesise();
    first.remove();
    const second = await synthesise();
    expect([second.directory, existsSync(second.directory)]).toEqual([first.directory, true]);
  });

  it("says what the app says when it refuses", async () => {
    await expect(synthesise({ alertEmail: "nobody" })).rejects.toThrow(
      "context alertEmail: expected an e-mail address",
    );
  });
});

describe("resolver", () => {
  it("leads from a reference to a value by the path of the construct, and nowhere else", () => {
    const resolve = resolver(assembly, { "OriginWatch/Watch/State/Bucket.Arn": "arn:of:bucket", "AWS::Region": "x" });
    const bucket = logicalIdAt(assembly, "OriginWatch/Watch/State/Bucket");
    expect([resolve(bucket, "Arn"), resolve("AWS::Region", null)]).toEqual(["arn:of:bucket", "x"]);
    expect(() => resolve(bucket, null)).toThrow("no value for OriginWatch/Watch/State/Bucket");
  });
});
