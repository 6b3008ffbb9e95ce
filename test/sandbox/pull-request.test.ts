import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, startAccount } from "./account.ts";
import { fingerprintOf, pullRequestSummary, summaryPage } from "./pull-request.ts";

describe("the summary of a pull request", () => {
  let account: Account;
  beforeAll(async () => {
    account = await startAccount();
  });
  afterAll(() => account.close());

  it("is the one of which docs/pipelines.md has a picture (else: npm run docs:screenshots)", async () => {
    const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "pipelines.md"), "utf8");
    const [, shown] =
      /<!-- picture of summary ([0-9a-f]+) -->\n!\[.*\]\(images\/pull-request-summary\.png\)/.exec(page) ?? [];
    const summary = await pullRequestSummary(account);
    expect(fingerprintOf(summary), summary).toBe(shown);
    const html = await summaryPage(summary);
    expect(html.match(/<tr>/g)).toHaveLength(8);
    expect(html).toContain("<strong>502</strong>");
    expect(html).toContain("site&#46;yaml, line ");
  });
});
