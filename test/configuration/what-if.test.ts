import { describe, expect, it } from "vitest";
import { applyChange, noChange } from "../../lambda/configuration/what-if.ts";
import { customOrigin, distribution } from "../plan/fixtures.ts";

describe("applyChange", () => {
  const list = [{ id: "dt_1", domains: ["one.example.com"], parameters: [{ name: "tenant", value: "One" }] }];
  const tenants = distribution({
    id: "E2",
    multiTenant: true,
    tenants: { list, defaults: [{ name: "tenant", value: "main" }] },
    origins: [customOrigin("{{tenant}}.origin.example.com", { id: "each" }), customOrigin("api.example.com.")],
  });

  it.each([
    ["one.origin.example.com", ["each"]],
    ["ONE.origin.example.com.", ["each"]],
    ["main.origin.example.com", []],
    ["{{tenant}}.origin.example.com", ["each"]],
    ["api.example.com", ["api.example.com."]],
    ["other.example.com", []],
  ])("knows an origin by %s", (origin, ids) => {
    const { matched, distributions } = applyChange([tenants], { ...noChange, origin, protocols: ["TLSv1"] });
    expect([...(matched.get("E2") ?? [])]).toEqual(ids);
    const changed = distributions[0]?.origins.filter(
      ({ kind }) => kind.kind === "custom" && kind.originSslProtocols.includes("TLSv1"),
    );
    expect(changed?.map(({ id }) => id)).toEqual(ids);
  });
});
