import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BOARD_KEY, MEMORY_KEY, STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import { SECRET_MARKER } from "../sandbox/secret-marker.ts";
import { type OrganizationBox, openOrganization, routed } from "./organization-box.ts";

// What one watch tells of the accounts of an organization, run by run.

const [broken, healthy] = ["expired.box.test", "healthy.box.test"];
const [shop, blog, bank, lab] = ["111111111111", "222222222222", "333333333333", "444444444444"];

let assembly: Assembly;
let box: OrganizationBox;

beforeAll(async () => {
  assembly = await synthesise({ muteTags: "false" });
});
afterAll(() => assembly.remove());

beforeEach(async () => {
  box = await openOrganization(assembly);
});
afterEach(() => box.close());

const member: OrganizationBox["member"] = (...about) => box.member(...about);
const run = async () => (await box.run()).told;

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

describe("an account that names another one's origin with settings of its own", () => {
  it("is told of what fails there, and the other one hears nothing", async () => {
    const domain = "tls11.box.test";
    const port = box.account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
    const using = (accountId: string, ...protocols: ("TLSv1" | "TLSv1.1" | "TLSv1.2")[]) => {
      const config = { OriginSslProtocols: { Quantity: protocols.length, Items: protocols } };
      const origins = [customOrigin(domain, port, { config })];
      const outline = { id: `E${accountId}`, comment: "", origins, defaultBehavior: { target: domain } };
      return distribution(outline, accountId);
    };
    member(blog, "blog").inventory = { distributions: [using(blog, "TLSv1", "TLSv1.1")] };
    const odd = member(bank, "bank");
    odd.inventory = { distributions: [using(bank, "TLSv1.2")] };
    const begun = [...(await run()), ...(await run())];
    odd.inventory = { distributions: [] };
    const over = await run();
    expect(routed([...begun, ...over])).toEqual([`[502] ${domain} ${bank}`, `[CLOSED] ${domain} ${bank}`]);
    for (const { whole } of [...begun, ...over]) expect(whole).not.toContain(blog);
  });
});

describe("origins that cannot be checked", () => {
  it("are told to each account as its own distributions use them, and so is that they can be again", async () => {
    const [shared, own] = [healthy, "rsa.box.test"];
    member(shop, "shop", shared, own);
    const other = member(blog, "blog", shared);
    member(bank, "bank", broken);
    for (const domain of [shared, own]) await box.account.silence(domain);
    const told = [...(await run()), ...(await run())].filter(({ subject }) => !subject.includes(broken));
    expect(routed(told).toSorted()).toEqual([
      `[NOT CHECKED] ${shared} ${shop} ${blog}`,
      `[NOT CHECKED] ${own} ${shop}`,
    ]);
    expect(told.find(({ accountIds }) => accountIds.includes(blog))?.whole).not.toContain(own);
    for (const domain of [shared, own]) await box.account.repair(domain);
    const role = other.roles.get("origin-watch-inventory")!;
    other.roles.clear();
    await run();
    // What is the same for the one is not known of the other.
    const tomorrow = { clockAheadMs: 27 * 3_600_000 };
    const again = async () => (await box.run(tomorrow)).told.filter(({ email }) => email.includes("checked again"));
    const first = await again();
    expect(routed(first)).toEqual([`[FIXED] 2 ${shop}`]);
    expect(first[0]?.whole).not.toContain(blog);
    other.roles.set("origin-watch-inventory", role);
    const second = await again();
    expect(routed(second)).toEqual([`[FIXED] ${shared} ${blog}`]);
    expect(second[0]?.whole).not.toContain(shop);
    expect(await again()).toEqual([]);
  });
});

describe("an account that cannot be read", () => {
  it("is a problem of its own, told once, and freezes what is open in it alone", async () => {
    member(shop, "shop", broken);
    const other = member(blog, "blog", "self-signed.box.test");
    expect(await run()).toHaveLength(2);
    const role = other.roles.get("origin-watch-inventory")!;
    other.roles.clear();
    box.organization.accounts.get(shop)!.inventory = { distributions: [] };
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

  it("is told again a day later, and resolves nothing although what was open is repaired meanwhile", async () => {
    const other = "self-signed.box.test";
    const tomorrow = { clockAheadMs: 25 * 3_600_000 };
    member(shop, "shop", healthy);
    member(blog, "blog", other);
    expect(routed([...(await run()), ...(await run())])).toEqual([`[502] ${other} ${blog}`]);
    await box.account.repair(other);
    box.account.aws.failNext("cloudfront:ListDistributions", "half-answer", 200, blog);
    expect(routed(await run())).toEqual([`[PROBLEM] Origin ${blog}`]);
    expect(await run()).toEqual([]);
    const later = routed((await box.run(tomorrow)).told);
    expect(later).toContain(`[PROBLEM] Origin ${blog}`);
    expect(later.filter((each) => /FIXED|CLOSED/.test(each))).toEqual([]);
    box.account.aws.clearFaults();
    expect(routed((await box.run(tomorrow)).told)).toContain(`[FIXED] ${other} ${blog}`);
  });

  it("is one where its list has distributions of another account, or another partition", async () => {
    const liar = member(shop, "shop");
    const ofChina = { ...box.using(broken, shop, "ECHINA"), ARN: `arn:aws-cn:cloudfront::${shop}:distribution/ECHINA` };
    liar.inventory = { distributions: [box.using(broken, blog, "ESTOLEN"), ofChina, box.using(healthy, shop, "EOWN")] };
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
    box.organization.accounts.delete(blog);
    expect(await run()).toEqual([]);
    box.organization.accounts.set(blog, moved);
    expect(await run()).toEqual([]);
  });

  it("freezes all that is open where accounts cannot be listed, and they are read all the same", async () => {
    member(shop, "shop", broken);
    await run();
    box.organization.isDelegatedAdministrator = false;
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
    await box.deploy({});
    const [told] = await run();
    expect(told?.subject).toMatch(/^\[CLOSED\] expired\.box\.test/);
    expect(told?.email).toContain(`Account shop (${shop}) is not watched any more`);
  });
});

describe("an account that the settings list by its id", () => {
  const watching = (...ids: readonly string[]) => box.deploy({ WATCHED_ACCOUNTS: ids.join(",") });

  it("ends as no longer watched once it is taken out, and the others hear nothing", async () => {
    member(shop, "shop", broken);
    member(blog, "blog", "self-signed.box.test");
    await watching(shop, blog);
    expect(await run()).toHaveLength(2);
    // Its role may go in the same minute.
    await watching(blog);
    box.organization.accounts.get(shop)!.roles.clear();
    const [told, ...others] = await run();
    expect(others).toEqual([]);
    expect(routed(told === undefined ? [] : [told])).toEqual([`[CLOSED] expired.box.test ${shop}`]);
    // There are no names without ListAccounts.
    expect(told?.email).toContain(`Account ${shop} is not watched any more`);
    expect(await run()).toEqual([]);
  });

  it("is a problem where its role goes first, and then ends as no longer watched and is not called fixed", async () => {
    member(shop, "shop", broken);
    member(blog, "blog", healthy);
    await watching(shop, blog);
    expect(await run()).toHaveLength(1);
    box.organization.accounts.get(shop)!.roles.clear();
    expect(routed(await run())).toEqual([`[PROBLEM] Origin ${shop}`]);
    expect(await run()).toEqual([]);
    await watching(blog);
    const told = [...(await run()), ...(await run())];
    expect(routed(told)).toContain(`[CLOSED] expired.box.test ${shop}`);
    expect(routed(told).filter((each) => /502|504|\[FIXED\] (?!Origin)/.test(each))).toEqual([]);
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

  it("is told of by what is visible of any name, cut to what a name may have, and always with the id", async () => {
    const names = [
      "NAME \u202egnp.exe ##[set-output name=x]y",
      "NAME\r\n\r\nFixed:\r\nall is well",
      "NAME\u001b[2J\u001b[H\u2028::error::x",
      `NAME${"x".repeat(50_000)}`,
      "",
    ];
    const idOf = (index: number) => `${index + 1}`.repeat(12);
    for (const [index, name] of names.entries()) member(idOf(index), name, broken);
    // The problems of these are told too, each to its own account.
    for (const [index, name] of names.slice(0, 4).entries()) member(idOf(index + 5), name).roles.clear();
    const { told, logs } = await box.run();
    expect(routed(told).toSorted()).toEqual([
      `[502] ${broken} ${names.map((_, index) => idOf(index)).join(" ")}`,
      ...[5, 6, 7, 8].map((index) => `[PROBLEM] Origin ${idOf(index)}`),
    ]);
    const stored = [STATE_KEY, MEMORY_KEY].map((key) =>
      box.account.aws.objects.versions(STATE_BUCKET, key).at(-1)!.body.toString(),
    );
    const board = gunzipSync(box.account.aws.objects.versions(STATE_BUCKET, BOARD_KEY).at(-1)!.body).toString();
    const texts = told.flatMap(({ whole }) => Object.values(JSON.parse(whole) as Record<string, string>));
    for (const text of [...texts, ...logs, ...stored, board]) {
      // Lines break where ours do.
      expect(text).not.toMatch(/[^\n\P{Cc}]|[\u2028\u202e]|^all is well|x{200}/mu);
    }
    for (const line of logs) expect(line).not.toContain("##");
    for (const { email, subject } of told) {
      for (const text of [email, subject]) {
        for (const { index } of text.matchAll(/NAME/g)) {
          // Before it in a subject, which may be cut off at its end.
          expect(text.slice(Math.max(0, index - 13), index + 90)).toMatch(/(\d)\1{11}/);
        }
      }
    }
  });

  it("without an account is a problem, and not an end of everything", async () => {
    const [told] = await run();
    expect(told?.email).toContain("could not be listed (AWS lists none that is active)");
  });

  it("leaves no credentials and no owner's address anywhere", async () => {
    member(shop, "shop", broken);
    const { logs } = await box.run();
    const stored = [STATE_KEY, MEMORY_KEY].flatMap((key) =>
      box.account.aws.objects.versions(STATE_BUCKET, key).map(({ body }) => body.toString()),
    );
    const everything = [...logs, ...box.account.aws.messages.map((each) => JSON.stringify(each)), ...stored].join("\n");
    expect(everything).toContain(shop);
    expect(everything).not.toContain(SECRET_MARKER);
  });
});
