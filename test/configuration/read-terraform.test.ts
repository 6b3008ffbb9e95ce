import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTerraform } from "../../lambda/configuration/read-terraform.ts";
import { isTerraformType, type TerraformShape, terraformShapes } from "../../lambda/configuration/terraform-shape.ts";
import { plan } from "../../lambda/plan/plan.ts";

const folder = join(import.meta.dirname, "..", "terminal", "terraform");
const documents = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));

const planOf = (address: string, values: unknown, more: object = {}) =>
  JSON.stringify({
    format_version: "1.2",
    resource_changes: [
      {
        address,
        mode: "managed",
        type: "aws_cloudfront_distribution",
        name: "cdn",
        change: { actions: ["create"], after: values, after_unknown: {}, after_sensitive: {}, ...more },
      },
    ],
  });

describe("input that somebody has tampered with", () => {
  /** Something else at a place in a document. */
  type Tamper = { readonly at: number; readonly put: unknown };
  const puts = fc.oneof(
    fc.constantFrom<unknown>(null, true, "", 0, "443", [], {}, [{}], [null], { a: { b: [1] } }, 1e300, "\u202e\n::x"),
    fc.constant(JSON.parse('{"__proto__":{"enabled":true},"constructor":1}') as unknown),
    fc.constant(JSON.parse(`${"[".repeat(150)}1${"]".repeat(150)}`) as unknown),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const tampers = fc.array(fc.record({ at: fc.nat(), put: puts }), { minLength: 1, maxLength: 4 });

  function tamper(document: unknown, { at, put }: Tamper): unknown {
    let count = 0;
    const size = (value: unknown): number =>
      1 +
      (typeof value === "object" && value !== null
        ? Object.values(value).reduce((sum, each) => sum + size(each), 0)
        : 0);
    const target = at % size(document);
    const change = (value: unknown): unknown => {
      if (count++ === target) return put;
      if (Array.isArray(value)) return value.map(change);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, change(each)]));
    };
    return change(document);
  }

  it("is read as far as it goes, or refused in a sentence", () => {
    fc.assert(
      fc.property(fc.constantFrom(...documents), tampers, fc.boolean(), (text, some, changedOnly) => {
        const changed = JSON.stringify(some.reduce(tamper, JSON.parse(text) as unknown));
        const read = readTerraform(changed, { changedOnly });
        const said = JSON.stringify(read);
        // Header values, and text in a place where no text is expected.
        if (read.kind === "unrecognised") {
          expect(read.problem).toMatch(/^[ -~]{5,500}$/);
          return;
        }
        expect(said).not.toContain("s3cret-canary");
        expect(said).not.toContain("canary-of-a-value");
        plan(read.distributions, read.policies);
        expect(JSON.parse(said)).toEqual({ ...read, written: {} });
      }),
      { numRuns: 400 },
    );
  });

  it("is refused where it is no JSON any more", () => {
    fc.assert(
      fc.property(fc.constantFrom(...documents), fc.nat(), fc.string({ maxLength: 3 }), (text, at, put) => {
        const position = at % text.length;
        const changed = text.slice(0, position) + put + text.slice(position + 1);
        const read = readTerraform(changed, { changedOnly: false });
        expect(["configuration", "unrecognised"]).toContain(read.kind);
      }),
      { numRuns: 300 },
    );
  });
});

describe("what is not on the list", () => {
  /** The value with a canary in every text that its shape does not name. */
  function poisoned(value: unknown, shape: TerraformShape | undefined): unknown {
    if (Array.isArray(value)) return value.map((each) => poisoned(each, shape));
    if (typeof value === "string") return shape === undefined ? `canary ${value}` : value;
    if (typeof value !== "object" || value === null) return value;
    const inner = typeof shape === "object" ? shape.block : {};
    const members = Object.entries(value).map(([name, each]) => [name, poisoned(each, inner[name])] as const);
    return Object.fromEntries([...members, ["canary", "canary"]]);
  }

  /** Every text of a document that tells neither what a thing is nor what is read of it. */
  function poisonedDocument(value: unknown, type: string): unknown {
    if (Array.isArray(value)) return value.map((each) => poisonedDocument(each, type));
    if (typeof value !== "object" || value === null) return value;
    const own: unknown = Reflect.get(value, "type");
    const here = typeof own === "string" ? own : type;
    const shape = isTerraformType(here) ? terraformShapes[here] : undefined;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => {
        if (["values", "after"].includes(name) && here !== "") return [name, poisoned(each, shape)];
        if (["before", "variables", "output_changes", "checks"].includes(name))
          return [name, poisoned(each, undefined)];
        return [name, poisonedDocument(each, here)];
      }),
    );
  }

  it("is held nowhere", () => {
    for (const text of documents) {
      const document = poisonedDocument(JSON.parse(text), "") as object;
      const more = {
        variables: { v: { value: "canary" } },
        output_changes: { o: { after: "canary" } },
        checks: ["canary"],
      };
      const changed = JSON.stringify({ ...document, ...more });
      expect(changed.match(/canary/g)!.length).toBeGreaterThan(3);
      const read = readTerraform(changed.replaceAll("s3cret-canary", "s3cret"), { changedOnly: false });
      expect(
        JSON.stringify([read, "written" in read ? [...read.written] : []]).replaceAll("canary-of-a-value", ""),
      ).not.toMatch(/canary/);
    }
  });
});

describe("what a value may be", () => {
  const origin = { origin_id: "a", domain_name: "a.example.com", custom_origin_config: [{ https_port: 443 }] };
  const behavior = { target_origin_id: "a", viewer_protocol_policy: "https-only" };
  const read = (text: string) => {
    const result = readTerraform(text, { changedOnly: false });
    if (result.kind !== "configuration") throw new Error(result.problem);
    return result;
  };

  it("is never taken for what waits for an apply", () => {
    const [distribution] = read(
      planOf("aws_cloudfront_distribution.cdn", {
        origin: [{ ...origin, domain_name: `$${"{aws_lb.web.dns_name}"}` }],
        default_cache_behavior: [{ ...behavior, cache_policy_id: `$${"{aws_cloudfront_cache_policy.p.id}"}` }],
      }),
    ).distributions;
    expect(distribution!.origins[0]!.domainName).toBe("$ {aws_lb.web.dns_name}");
    expect(distribution!.behaviors[0]!.cachePolicyId).toBe("$ {aws_cloudfront_cache_policy.p.id}");
  });

  it("is nothing where it is marked sensitive, with all below it", () => {
    const values = { enabled: true, origin: [origin], default_cache_behavior: [behavior], comment: "canary" };
    for (const sensitive of [true, { origin: true, comment: true }, { origin: [true], comment: true }]) {
      const result = read(planOf("aws_cloudfront_distribution.cdn", values, { after_sensitive: sensitive }));
      expect(JSON.stringify(result)).not.toMatch(/a\.example\.com|canary/);
      expect(JSON.stringify(plan(result.distributions, result.policies))).toContain("(marked sensitive)");
    }
  });

  it("is nothing where it was sensitive before", () => {
    const values = { origin: [origin], default_cache_behavior: [behavior] };
    const before = { before_sensitive: { origin: [{ domain_name: true }] } };
    expect(JSON.stringify(read(planOf("aws_cloudfront_distribution.cdn", values, before)))).not.toContain(
      "a.example.com",
    );
  });

  it("is checked of a distribution of which nothing is known", () => {
    const result = read(planOf("aws_cloudfront_distribution.cdn", null, { after_unknown: true }));
    expect(plan(result.distributions, result.policies).connections).toMatchObject([
      { kind: "unseen", reason: { kind: "template-value-unresolved" } },
    ]);
  });

  it("survives modules that are nested 10 deep, and names in any script", () => {
    const module = Array.from({ length: 10 }, (_, level) => `module.段${level}["ключ.${level}"]`).join(".");
    const address = `${module}.aws_cloudfront_distribution.cdn["🜁"]`;
    const [distribution] = read(
      planOf(address, { origin: [origin], default_cache_behavior: [behavior] }),
    ).distributions;
    expect(distribution!.id).toBe(address);
  });
});
