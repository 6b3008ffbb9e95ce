import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startAccount } from "../sandbox/account.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import {
  createMember,
  createOrganization,
  type MemberAccount,
  type Organization,
} from "../sandbox/aws/organization.ts";
import {
  type Deployment,
  deployFunction,
  FUNCTIONS,
  MEMORY_KEY,
  STATE_BUCKET,
  STATE_KEY,
  TOPIC_ARN,
} from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import { memberRole } from "../sandbox/member-role.ts";
import { SECRET_MARKER } from "../sandbox/secret-marker.ts";

// What one watch tells of the accounts of an organization, run by run.

const hub = { accountId: ACCOUNT_ID, roleName: "origin-watch-hub", organizationId: "o-boxorg0001" };
const [broken, healthy] = ["expired.box.test", "healthy.box.test"];
const [shop, blog, bank, lab] = ["111111111111", "222222222222", "333333333333", "444444444444"];

let assembly: Assembly;
let organization: Organization;
let box: { account: Deployment["account"]; handler: LocalFunction; close(): Promise<void> };
let watchedOrganization: string;

beforeAll(async () => {
  assembly = await synthesise({ muteTags: "false" });
});
afterAll(() => assembly.remove());

beforeEach(async () => {
  watchedOrganization = "all";
  organization = createOrganization({ caller: `arn:aws:iam::${ACCOUNT_ID}:role/${hub.roleName}`, pageSize: 2 });
  const account = await startAccount({ topics: [TOPIC_ARN], buckets: [STATE_BUCKET], organization });
  account.aws.setDistributions([]);
  box = { account, handler: await start(account), close: () => account.close() };
});
afterEach(async () => {
  await box.handler.close();
  await box.close();
});

function start(account: Deployment["account"], changes: Readonly<Record<string, string>> = {}): Promise<LocalFunction> {
  return deployFunction(assembly, FUNCTIONS.watch, account.aws, {
    DNS_SERVERS: account.dns.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
    EXTRA_TRUST_ANCHORS_FILES: account.caFile,
    ...(watchedOrganization === "" ? {} : { WATCHED_ORGANIZATION: watchedOrganization }),
    ...changes,
  });
}

function using(domain: string, accountId: string, id = `E${accountId}`) {
  const port = box.account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
  const outline = { id, comment: "", origins: [customOrigin(domain, port)], defaultBehavior: { target: domain } };
  return distribution(outline, accountId);
}

function member(id: string, name: string, ...domains: readonly string[]): MemberAccount {
  const distributions = domains.map((domain, index) => using(domain, id, `E${id}${index}`));
  const roles = { "origin-watch-inventory": memberRole(hub, id) };
  const made = createMember(id, { name, roles, inventory: { distributions } });
  organization.accounts.set(id, made);
  return made;
}

type Told = { readonly subject: string; readonly accountIds: readonly string[]; readonly email: string };

/** What is published in a run, without the word that Origin Watch works. */
async function run(): Promise<readonly Told[]> {
  const before = box.account.aws.messages.length;
  await box.handler.invoke();
  return box.account.aws.messages
    .slice(before)
    .filter(({ subject = "" }) => !subject.startsWith("[STARTED]"))
    .map(({ subject = "", message, attributes }) => ({
      subject,
      accountIds: JSON.parse(attributes.accountIds?.value ?? "[]") as string[],
      email: (JSON.parse(message) as { email: string }).email.replaceAll(/\s+/g, " "),
    }));
}

function routed(told: readonly Told[]): readonly string[] {
  return told.map(({ subject, accountIds }) => `${/^\[[^\]]+\] [\w.-]*/.exec(subject)?.[0]} ${accountIds.join(" ")}`);
}

describe("an origin of several accounts", () => {
  it("is one connection and one message, which names them and goes to whoever uses it", async () => {
    member(shop, "shop", broken);
    member(blog, "blog", broken);
    member(bank, "bank", healthy);
    const [told, ...others] = await run();
    expect(others).toEqual([]);
    expect(told?.subject).toMatch(/^\[502\] expired\.box\.test:\d+: certificate expired/);
    expect(told?.subject).toContain("2 accounts");
    expect(told?.accountIds).toEqual([shop, blog]);
    expect(told?.email).toContain(`E${shop}0 (account shop (${shop}))`);
    expect(told?.email).toContain(`E${blog}0 (account blog (${blog}))`);
    expect(told?.email).toContain("all 4 accounts read");
  });

  it("is looked at once, however many use it", async () => {
    for (const id of [shop, blog, bank]) member(id, `account ${id}`, healthy);
    expect(await run()).toEqual([]);
    const origin = box.account.origins.find(({ domain }) => domain === healthy);
    expect(origin?.connections()).toBe(1);
  });

  it("does not go to an account that uses another origin with a message of its own", async () => {
    member(shop, "shop", broken);
    member(blog, "blog", "self-signed.box.test");
    // On a busy machine a handshake may want a second run.
    expect(routed([...(await run()), ...(await run())]).toSorted()).toEqual([
      `[502] expired.box.test ${shop}`,
      `[502] self-signed.box.test ${blog}`,
    ]);
  });
});

describe("an account that cannot be read", () => {
  it("is a problem of its own, told once, and freezes what is open in it alone", async () => {
    member(shop, "shop", broken);
    const other = member(blog, "blog", "self-signed.box.test");
    expect(await run()).toHaveLength(2);
    const role = other.roles.get("origin-watch-inventory")!;
    other.roles.clear();
    organization.accounts.get(shop)!.inventory = { distributions: [] };
    const told = await run();
    expect(routed(told).toSorted()).toEqual([`[CLOSED] expired.box.test ${shop}`, `[PROBLEM] Origin ${blog}`]);
    const problem = told.find(({ subject }) => subject.startsWith("[PROBLEM]"));
    expect(problem?.subject).toBe(`[PROBLEM] Origin Watch: an account cannot be read (${blog} blog)`);
    expect(problem?.email).toContain(`The role arn:aws:iam::${blog}:role/origin-watch-inventory could not be assumed`);
    expect(problem?.email).toContain("Roll the role out to this account, as docs/accounts.md says.");
    expect(await run()).toEqual([]);
    other.roles.set("origin-watch-inventory", role);
    expect(routed(await run())).toEqual([`[FIXED] Origin ${blog}`]);
  });

  it.each([
    ["throttled", "throttle"],
    ["half an answer", "half-answer"],
    ["no answer that can be understood", "proxy-page"],
  ] as const)("is one where CloudFront gives %s", async (_, fault) => {
    member(shop, "shop", broken);
    member(blog, "blog", healthy);
    box.account.aws.failNext("cloudfront:ListDistributions", fault, 20, blog);
    expect(routed(await run()).toSorted()).toEqual([`[502] expired.box.test ${shop}`, `[PROBLEM] Origin ${blog}`]);
  });

  it("is one where its list has distributions of another account, or another partition", async () => {
    const liar = member(shop, "shop");
    const ofChina = { ...using(broken, shop, "ECHINA"), ARN: `arn:aws-cn:cloudfront::${shop}:distribution/ECHINA` };
    liar.inventory = { distributions: [using(broken, blog, "ESTOLEN"), ofChina, using(healthy, shop, "EOWN")] };
    const [told, ...others] = await run();
    expect(others).toEqual([]);
    expect(told?.accountIds).toEqual([shop]);
    expect(told?.email).toContain("Distributions ESTOLEN, ECHINA are in the list of this account");
  });

  it("is one where the credentials turn out to be another account's", async () => {
    member(shop, "shop", broken).assumedRoleArn = `arn:aws:iam::${blog}:role/origin-watch-inventory`;
    const [told] = await run();
    expect(told?.email).toContain("could not be assumed (AWS's answer is about another role)");
  });
});

describe("an account that is gone", () => {
  it("ends what is open in it after two complete lists, as no longer watched", async () => {
    const left = member(shop, "shop", broken);
    member(blog, "blog", healthy);
    expect(await run()).toHaveLength(1);
    left.state = "SUSPENDED";
    expect(await run()).toEqual([]);
    const [told, ...others] = await run();
    expect(others).toEqual([]);
    expect(told?.subject).toMatch(/^\[CLOSED\] expired\.box\.test/);
    expect(told?.email).toContain(`Account shop (${shop}) is not watched any more`);
    expect(told?.accountIds).toEqual([shop]);
  });

  it("is not gone where one list does not have it", async () => {
    member(shop, "shop", broken);
    const moved = member(blog, "blog", "self-signed.box.test");
    expect(await run()).toHaveLength(2);
    organization.accounts.delete(blog);
    expect(await run()).toEqual([]);
    organization.accounts.set(blog, moved);
    expect(await run()).toEqual([]);
  });

  it("freezes all that is open where accounts cannot be listed, and they are read all the same", async () => {
    member(shop, "shop", broken);
    await run();
    organization.isDelegatedAdministrator = false;
    const [told, ...others] = await run();
    expect(others).toEqual([]);
    expect(told?.subject).toMatch(/^\[PROBLEM\] Origin Watch: accounts cannot be listed/);
    expect(told?.email).toContain("2 accounts of the last complete list and of this one are checked");
    await box.account.repair(broken);
    expect(routed(await run())).toEqual([`[FIXED] expired.box.test ${shop}`]);
  });

  it("is no longer watched as soon as the settings name no organization", async () => {
    member(shop, "shop", broken);
    expect(await run()).toHaveLength(1);
    await box.handler.close();
    watchedOrganization = "";
    box.handler = await start(box.account);
    const [told] = await run();
    expect(told?.subject).toMatch(/^\[CLOSED\] expired\.box\.test/);
    expect(told?.email).toContain(`Account shop (${shop}) is not watched any more`);
  });
});

describe("an account that the settings list by its id", () => {
  const watching = async (...ids: readonly string[]) => {
    await box.handler.close();
    watchedOrganization = "";
    box.handler = await start(box.account, { WATCHED_ACCOUNTS: ids.join(",") });
  };

  it("ends as no longer watched once it is taken out, and the others hear nothing", async () => {
    member(shop, "shop", broken);
    member(blog, "blog", "self-signed.box.test");
    await watching(shop, blog);
    expect(await run()).toHaveLength(2);
    // Its role may go in the same minute.
    await watching(blog);
    organization.accounts.get(shop)!.roles.clear();
    const [told, ...others] = await run();
    expect(others).toEqual([]);
    expect(routed(told === undefined ? [] : [told])).toEqual([`[CLOSED] expired.box.test ${shop}`]);
    // There are no names without ListAccounts.
    expect(told?.email).toContain(`Account ${shop} is not watched any more`);
    expect(await run()).toEqual([]);
  });
});

describe("an organization", () => {
  it("is read whoever is in it: hostile names, suspended accounts, accounts without anything", async () => {
    member(shop, "\u202egnp.exe ##[set-output name=x]y", broken);
    member(blog, "::error::nothing");
    member(bank, "prod", broken).state = "SUSPENDED";
    member(lab, "prod", broken);
    const [told, ...others] = await run();
    expect(others).toEqual([]);
    expect(told?.accountIds).toEqual([shop, lab]);
    expect(told?.email).toContain(`\\u{202e}gnp.exe`);
    expect(told?.email).not.toContain("\u202e");
    expect(told?.email).toContain(`prod (${lab})`);
    expect(told?.email).toContain("all 4 accounts read");
  });

  it("without an account is a problem, and not an end of everything", async () => {
    const [told] = await run();
    expect(told?.email).toContain("could not be listed (AWS lists none that is active)");
  });

  it("leaves no credentials and no owner's address anywhere", async () => {
    member(shop, "shop", broken);
    const { logs } = await box.handler.invoke();
    const stored = [STATE_KEY, MEMORY_KEY].flatMap((key) =>
      box.account.aws.objects.versions(STATE_BUCKET, key).map(({ body }) => body.toString()),
    );
    const everything = [...logs, ...box.account.aws.messages.map((each) => JSON.stringify(each)), ...stored].join("\n");
    expect(everything).toContain(shop);
    expect(everything).not.toContain(SECRET_MARKER);
  });
});
