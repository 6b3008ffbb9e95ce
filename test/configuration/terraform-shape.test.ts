import { describe, expect, it } from "vitest";
import { type TerraformBlock, terraformShapes } from "../../lambda/configuration/terraform-shape.ts";
import provider from "./provider/attributes.json" with { type: "json" };

const known: Readonly<Record<string, readonly string[]>> = provider.attributes;

function paths({ block }: TerraformBlock, prefix = ""): readonly string[] {
  return Object.entries(block).flatMap(([name, shape]) => [
    `${prefix}${name}`,
    ...(typeof shape === "string" ? [] : paths(shape, `${prefix}${name}.`)),
  ]);
}

describe("what is read of a resource of Terraform", () => {
  it.each(Object.entries(terraformShapes))("%s has every attribute of it", (type, shape) => {
    expect(known[type]!.length).toBeGreaterThan(5);
    expect(paths(shape).filter((path) => !known[type]!.includes(path))).toEqual([]);
  });

  it.each(["aws_cloudfront_cache_policy", "aws_cloudfront_origin_request_policy"] as const)(
    "the data source %s has them too",
    (type) => {
      const ofData = known[`data.${type}`]!;
      expect(paths(terraformShapes[type]).filter((path) => !ofData.includes(path))).toEqual([]);
    },
  );

  it("has no custom header", () => {
    const all = Object.values(terraformShapes).flatMap((shape) => paths(shape));
    expect(all.filter((path) => path.includes("header") && !/headers(_config)?\b|header_behavior$/.test(path))).toEqual(
      [],
    );
  });
});
