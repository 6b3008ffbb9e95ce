import { Lazy } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import type { MuteConfig } from "../../lib/mutes.ts";
import { resolveProps } from "../../lib/origin-watch-props.ts";

// An app of one's own gives properties where the stack reads the context: what the function would refuse in every run
// has to fail in the synthesis here too.
describe("the properties of the construct", () => {
  const selected = { origin: "api.example.com", reason: "is being moved" };

  it("takes a day for all of it in a mute, as the context does", () => {
    const { mutes } = resolveProps({ mutes: [{ ...selected, until: "2026-12-31" }] });
    expect(mutes).toEqual([{ ...selected, until: "2027-01-01T00:00:00.000Z" }]);
    expect(resolveProps({ mutes }).mutes).toEqual(mutes);
  });

  it.each<[MuteConfig, string]>([
    [{ ...selected, until: "2026-13-01" }, "entry 1.until: expected a day such as 2026-12-31"],
    [{ reason: "is being moved", until: "2026-12-31" }, "entry 1: expected a distribution, an origin or a code"],
  ])("refuses the mute %j", (mute, message) => {
    expect(() => resolveProps({ mutes: [mute] })).toThrow(message);
  });

  it.each([
    ["alertEmails", ["ops"], "expected an e-mail address"],
    ["includeDistributions", ["E1A2B3C4D5E6F7", "nonsense"], "expected distribution ids such as E1A2B3C4D5E6F7"],
    ["excludeDistributions", [""], "expected distribution ids such as E1A2B3C4D5E6F7"],
  ])("refuses %s %j, with which nothing would be told or watched", (name, value, message) => {
    expect(() => resolveProps({ [name]: value })).toThrow(`prop ${name}: ${message}, got "${value.at(-1)}"`);
  });

  it("takes an address that is known in the deployment only", () => {
    const address = Lazy.string({ produce: () => "ops@example.com" });
    expect(resolveProps({ alertEmails: [address] }).alertEmails).toEqual([address]);
  });

  it("refuses a number that is out of range", () => {
    expect(() => resolveProps({ expiryWarningDays: 0 })).toThrow(
      "prop expiryWarningDays: expected a whole number from 1 to 365, got 0",
    );
  });
});
