import { expect, it } from "vitest";
import { originSchemes } from "../../lambda/plan/origin-schemes.ts";

it.each([
  ["http-only", "allow-all", ["http"]],
  ["http-only", "redirect-to-https", ["http"]],
  ["http-only", "https-only", ["http"]],
  ["https-only", "allow-all", ["https"]],
  ["https-only", "redirect-to-https", ["https"]],
  ["https-only", "https-only", ["https"]],
  ["match-viewer", "allow-all", ["https", "http"]],
  ["match-viewer", "redirect-to-https", ["https"]],
  ["match-viewer", "https-only", ["https"]],
] as const)("an origin with %s behind viewers with %s is reached by %j", (origin, viewer, schemes) => {
  expect(originSchemes(origin, viewer)).toEqual(schemes);
});
