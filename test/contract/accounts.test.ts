import { describe, expect, it } from "vitest";
import {
  accountEnvironment,
  mostListed,
  organizationIdForm,
  readAccountEnvironment,
  unitIdForm,
  type WatchedAccounts,
} from "../../lambda/contract/accounts.ts";

const role = "origin-watch-inventory";
const ids = ["111122223333", "444455556666"];

describe("the accounts that a function watches", () => {
  it.each<WatchedAccounts>([
    { kind: "accounts", ids },
    { kind: "organization", units: "all" },
    { kind: "organization", units: ["ou-ab12-11111111", "r-ab12"] },
  ])("are read as they were written: %j", (watched) => {
    expect(readAccountEnvironment(accountEnvironment(watched, role))).toEqual({ watched, roleName: role });
  });

  it("are its own alone where nothing is set", () => {
    expect(readAccountEnvironment({})).toBeNull();
    expect(readAccountEnvironment({ WATCHED_ACCOUNTS: "", WATCHED_ORGANIZATION: "" })).toBeNull();
  });

  it("have the usual role where none is named", () => {
    expect(readAccountEnvironment({ WATCHED_ORGANIZATION: "all" })?.roleName).toBe(role);
  });

  it.each([
    [{ WATCHED_ACCOUNTS: "11112222333" }, "WATCHED_ACCOUNTS: entry 1"],
    [{ WATCHED_ACCOUNTS: "111122223333,../x" }, "WATCHED_ACCOUNTS: entry 2"],
    [{ WATCHED_ORGANIZATION: "true" }, "WATCHED_ORGANIZATION: entry 1"],
    [{ WATCHED_ORGANIZATION: "all", MEMBER_ROLE_NAME: "*" }, "MEMBER_ROLE_NAME"],
    [{ WATCHED_ORGANIZATION: "all", MEMBER_ROLE_NAME: "team/x" }, "MEMBER_ROLE_NAME"],
    [{ WATCHED_ACCOUNTS: "111122223333", WATCHED_ORGANIZATION: "all" }, "not beside"],
  ])("are refused where they are wrong: %j", (environment, problem) => {
    expect(() => readAccountEnvironment(environment)).toThrow(problem);
  });

  it("are bounded", () => {
    const many = Array.from({ length: mostListed + 1 }, (_, index) => String(100000000000 + index));
    expect(readAccountEnvironment({ WATCHED_ACCOUNTS: many.slice(1).join(",") })).not.toBeNull();
    expect(() => readAccountEnvironment({ WATCHED_ACCOUNTS: many.join(",") })).toThrow(`more than ${mostListed}`);
  });

  it("have ids of AWS's forms", () => {
    expect(["ou-ab12-11111111", "r-ab12", "ou-ab12", "ou-AB12-11111111"].map((id) => unitIdForm.test(id))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(["o-a1b2c3d4e5", "o-short", "O-A1B2C3D4E5"].map((id) => organizationIdForm.test(id))).toEqual([
      true,
      false,
      false,
    ]);
  });
});
