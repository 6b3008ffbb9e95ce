import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressSteps, modulesOf, withoutIndexes } from "../../lambda/configuration/terraform-address.ts";

describe("an address of Terraform", () => {
  it.each([
    ["aws_lb.web", ["aws_lb", "web"]],
    ["aws_lb.web[0].dns_name", ["aws_lb", "web[0]", "dns_name"]],
    ['module.a["x.y"].aws_lb.web["]"]', ["module", 'a["x.y"]', "aws_lb", 'web["]"]']],
    ['a["\\"].b"].c', ['a["\\"].b"]', "c"]],
    ["data.aws_x.y", ["data", "aws_x", "y"]],
    ["module.日本.aws_x.y", ["module", "日本", "aws_x", "y"]],
  ])("%s has its steps", (address, steps) => {
    expect(addressSteps(address).map(({ name, index }) => `${name}${index}`)).toEqual(steps);
  });

  it("keeps any key in one step", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (key, other) => {
        const [a, b] = [JSON.stringify(key), JSON.stringify(other)];
        const address = `module.m[${a}].module.n[0].aws_x.y[${b}]`;
        expect(modulesOf(address)).toEqual([
          { name: "m", index: `[${a}]` },
          { name: "n", index: "[0]" },
        ]);
        expect(withoutIndexes(address)).toEqual([`module.m[${a}].module.n[0].aws_x.y`, "module.m.module.n.aws_x.y"]);
      }),
    );
  });

  it("is read whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(".", "[", "]", '"', "\\", "a", "module") }), (address) => {
        const joined = addressSteps(address).map(({ name, index }) => `${name}${index}`);
        expect(joined.join(".")).toBe(address);
      }),
    );
  });
});
