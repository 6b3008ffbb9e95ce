import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { jsonSchemas } from "../bin/json-schemas.ts";

const root = join(import.meta.dirname, "..");
const schemas = jsonSchemas();

describe("the JSON schemas", () => {
  it("are the committed ones: npm run schemas writes them", () => {
    const files = readdirSync(join(root, "schemas")).map((file) => `schemas/${file}`);
    expect(files.toSorted()).toEqual([...schemas.keys()].toSorted());
    for (const [path, text] of schemas) expect([path, readFileSync(join(root, path), "utf8")]).toEqual([path, text]);
  });

  it.each([...schemas])("%s says what a program may rely on, and lets fields be added", (_, text) => {
    const schema = JSON.parse(text);
    new Ajv().compile(schema);
    expect(text).not.toContain('"additionalProperties": false');
    // A comment gives meaning to the whole.
    const named = schema.definitions[schema.$ref.replace("#/definitions/", "")];
    expect(named.description).toMatch(/contract/);
  });
});

describe("what is sent", () => {
  const validate = new Ajv().compile(JSON.parse(schemas.get("schemas/event.schema.json") ?? ""));
  const golden = join(root, "test", "tell", "golden");

  it.each(readdirSync(golden))("%s is what the schema says", (file) => {
    const bodies = readFileSync(join(golden, file), "utf8").split("-------- sqs, lambda, http --------\n").slice(1);
    expect(bodies.length).toBeGreaterThan(0);
    for (const body of bodies) {
      const [json = ""] = body.split("\n\n-------- ");
      validate(JSON.parse(json));
      expect(validate.errors).toBeNull();
    }
  });

  it("is refused where a field is missing", () => {
    expect(validate({ schemaVersion: 1, source: "origin-watch" })).toBe(false);
  });
});
