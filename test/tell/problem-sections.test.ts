import { expect, it } from "vitest";
import { incompleteNote } from "../../lambda/tell/problem-sections.ts";

const unread = (accountId: string, accountName: string | null) => ({
  code: "account-unreadable" as const,
  message: "CloudFront cannot be read.",
  remedy: "",
  scope: { accountId, accountName, partition: "aws" },
});
const noteOn = (...opened: ReturnType<typeof unread>[]) => incompleteNote({ opened, still: [], resolved: [] });

it("names the accounts that could not be read, each with its id, and how many more there are", () => {
  expect(noteOn(unread("111122223333", "prod"))).toBe(
    "Run incomplete: an account cannot be read: prod (111122223333). An origin that is not mentioned may fail without an alert.",
  );
  const many = ["1", "2", "3", "4", "5"].map((digit) => unread(digit.repeat(12), digit === "1" ? "prod" : null));
  expect(noteOn(...many)).toMatch(
    /^Run incomplete: an account cannot be read: prod \(1{12}\), 2{12}, 3{12} and 2 more\. /,
  );
});

it("names the others too where the same cannot be read in several accounts", () => {
  const problems = ["111122223333", "444455556666"].map((id) => ({
    ...unread(id, null),
    code: "inventory-failed" as const,
  }));
  expect(incompleteNote({ opened: problems, still: [], resolved: [] })).toMatch(
    /^Run incomplete: distributions cannot be listed: 111122223333 and 444455556666\. /,
  );
});
