import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clientLimits } from "../../lambda/aws/client-limits.ts";
import { listAccounts, mostAccounts, organizationsClient } from "../../lambda/aws/organization.ts";
import { type Answering, answering, signIn } from "./answering.ts";

const signal = new AbortController().signal;
const rightToLeft = "\u202egnp.exe";

type Listed = Readonly<Record<string, unknown>>;

let service: Answering;
beforeEach(signIn);
afterEach(async () => {
  vi.unstubAllEnvs();
  await service.close();
});

function id(index: number): string {
  return String(100_000_000_000 + index);
}

function account(index: number, more: Listed = {}): Listed {
  return { Id: id(index), Name: `team-${index}`, State: "ACTIVE", Email: "canary-owner@example.com", ...more };
}

/** What comes of these pages, each of which says that there is another but the last. */
async function listed(pages: readonly (readonly Listed[])[], units: readonly string[] | "all" = "all") {
  service = await answering((body) => {
    const { NextToken = "0" } = JSON.parse(body) as { NextToken?: string };
    const page = Number(NextToken);
    const next = page + 1 < pages.length ? { NextToken: String(page + 1) } : {};
    return { body: JSON.stringify({ Accounts: pages[page], ...next }) };
  });
  return await list(units);
}

async function list(units: readonly string[] | "all" = "all", within = signal) {
  vi.stubEnv("AWS_ENDPOINT_URL_ORGANIZATIONS", service.url);
  return await listAccounts(organizationsClient({ ...clientLimits }), units, within);
}

describe("the accounts of an organization", () => {
  test("are read page by page, empty ones too, and each once", async () => {
    const { accounts, failure } = await listed([[account(1)], [], [account(2), account(1)]]);
    expect(failure).toBeNull();
    expect(accounts).toEqual([
      { id: id(1), name: "team-1" },
      { id: id(2), name: "team-2" },
    ]);
    expect(service.asked).toHaveLength(3);
  });

  test("are those that are active, by the state, or by the status where there is none", async () => {
    const { accounts } = await listed([
      [
        account(1, { State: "SUSPENDED", Status: "ACTIVE" }),
        account(2, { State: "ACTIVE", Status: "SUSPENDED" }),
        account(3, { State: undefined, Status: "ACTIVE" }),
        account(4, { State: undefined }),
        account(5, { State: "PENDING_CLOSURE" }),
      ],
    ]);
    expect(accounts.map((each) => each.id)).toEqual([id(2), id(3)]);
  });

  test("may be those of a unit, at any depth, or of the root", async () => {
    const [root, team, other] = ["r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"];
    const pages = [
      [
        account(1, { Paths: [`o-a1b2c3d4e5/${root}/${team}/${id(1)}/`] }),
        account(2, { Paths: [`o-a1b2c3d4e5/${root}/${team}/ou-ab12-33333333/${id(2)}/`] }),
        account(3, { Paths: [`o-a1b2c3d4e5/${root}/${other}/${id(3)}/`] }),
      ],
    ];
    expect((await listed(pages, [team])).accounts.map((each) => each.id)).toEqual([id(1), id(2)]);
    await service.close();
    expect((await listed(pages, [root])).accounts).toHaveLength(3);
  });

  test("are not those of a unit where AWS does not say which are in it", async () => {
    const { failure } = await listed([[account(1)]], ["ou-ab12-11111111"]);
    expect(failure?.reason).toBe("AWS's answer does not say in which units the accounts are");
  });

  test("may have any name, of which nothing invisible is left, and no address of an owner", async () => {
    const hostile = [rightToLeft, "x##[set-output name=y]z", "::error::x", "", undefined, "n".repeat(500)];
    const { accounts } = await listed([hostile.map((Name, index) => account(index, { Name }))]);
    expect(accounts.map(({ name }) => name)).toEqual([
      "\\u{202e}gnp.exe",
      "x##[set-output name=y]z",
      "::error::x",
      null,
      null,
      `${"n".repeat(97)}...`,
    ]);
    expect(JSON.stringify(accounts)).not.toContain("canary");
  });

  test("have twelve digits, whatever comes", async () => {
    const { accounts } = await listed([["1", "../x", `${id(1)}\n`, 7].map((Id) => account(0, { Id })), [account(2)]]);
    expect(accounts.map((each) => each.id)).toEqual([id(2)]);
  });

  test("may be thousands, and are no more than a bound", async () => {
    const pages = Array.from({ length: 250 }, (_, page) =>
      Array.from({ length: 20 }, (_, at) => account(page * 20 + at)),
    );
    expect((await listed(pages)).accounts).toHaveLength(5_000);
    await service.close();
    const many = Array.from({ length: mostAccounts + 1 }, (_, index) => account(index));
    const { accounts, failure } = await listed([many]);
    expect([accounts.length, failure?.reason]).toEqual([mostAccounts, `there are more than ${mostAccounts}`]);
  });

  test.each([
    ["no list", '{"message":"sign in to the network"}', "AWS's answer holds no list"],
    ["a circle", '{"Accounts":[],"NextToken":"again"}', "AWS's answers go round in a circle"],
  ])("are not known where AWS answers with %s", async (_, body, reason) => {
    service = await answering(() => ({ body }));
    expect((await list()).failure?.reason).toBe(reason);
  });

  test("are not known where AWS denies it, or does not answer", async () => {
    service = await answering(() => ({ status: 400, body: '{"__type":"AccessDeniedException","Message":"no"}' }));
    expect((await list()).failure).toEqual({ kind: "denied", reason: "access denied" });
    await service.close();
    service = await answering(() => null);
    expect((await list("all", AbortSignal.timeout(50))).failure?.kind).toBe("aborted");
  });
});
