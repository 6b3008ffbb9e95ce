import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { ACCOUNT_ID } from "../../sandbox/account-distributions.ts";
import { customOrigin, distribution } from "../../sandbox/distributions.ts";
import { answers } from "../../sandbox/http-origin.ts";
import { runCommand } from "../run-check.ts";

const origin = "healthy.box.test";
let account: Account;
let folder: string;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  account = await startAccount({ tags: { E2BOXNEVER00002: { "origin-watch:check-path": "never" } } });
  const port = account.origins.find(({ domain }) => domain === origin)?.port ?? 0;
  const outline = { comment: "", origins: [customOrigin(origin, port)], defaultBehavior: { target: origin } };
  const ids = ["E1BOXASKED00001", "E2BOXNEVER00002"];
  account.aws.setDistributions(ids.map((id) => distribution({ ...outline, id }, ACCOUNT_ID)));
  await account.serve(origin, answers(404, "no such page"));
  const edge = await account.openEdge();
  environment = { ...account.aws.environment, EDGE_PORT: String(edge.port) };
  folder = mkdtempSync(join(tmpdir(), "through-cloudfront-"));
  const [first] = account.aws.distributions();
  writeFileSync(join(folder, "list.json"), JSON.stringify({ DistributionList: { Items: [first] } }));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await account.close();
});

const intoTheBox = () => ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];

function asked(...args: readonly string[]) {
  return runCommand([...args, "--through-cloudfront", ...intoTheBox()], { environment });
}

describe("--through-cloudfront", () => {
  it("asks through the distributions of the account, few viewers or not, but where the owner says never", async () => {
    const run = await asked("check", "account", "--json");
    expect([run.stderr, run.status]).toEqual(["", 0]);
    const [record] = run.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as ConnectionRecord);
    expect(record?.witness).toMatchObject({
      gotThrough: true,
      edgeAnswers: [
        {
          distributionId: "E1BOXASKED00001",
          request: {
            host: expect.stringMatching(/^d.*\.cloudfront\.net$/),
            path: expect.stringContaining("origin-watch-check-"),
          },
          method: "HEAD",
          status: 404,
          whose: "reached-origin",
          decidedBy: "server: box",
        },
      ],
    });
    expect(account.aws.calls.map(({ action }) => action)).toContain("cloudfront:ListTagsForResource");
  });

  it("asks through those of a file, without a call to AWS, and explain shows what came", async () => {
    const before = account.aws.calls.length;
    const run = await asked("explain", "config", join(folder, "list.json"), "--origin", origin);
    expect([run.stderr, run.status]).toEqual(["", 0]);
    expect(run.stdout.replace(/\s+/g, " ")).toMatch(
      /Asked HEAD https:\/\/d\S+\.cloudfront\.net\/origin-watch-check-\w+ -> 404, reached-origin \(server: box\), edge location FRA56-P1, \d+ ms/,
    );
    expect(account.aws.calls).toHaveLength(before);
  });

  it("is refused where there is nothing to ask through", async () => {
    const run = await asked("check", "origin", origin);
    expect([run.status, run.stderr]).toEqual([
      2,
      expect.stringContaining("--through-cloudfront goes with account or config"),
    ]);
  });
});
