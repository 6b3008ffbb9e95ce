import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { emptyMuteFile, type MuteEntry, serializeMuteFile } from "../../lambda/incidents/mute-file.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { type Deployment, deploy, deployFunction, FUNCTIONS, STATE_BUCKET } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

// What people are told of an origin that is muted, run by run.

const domain = "expired.box.test";
const id = "E1BOXMUTED0001";
let assembly: Assembly;
let box: Deployment;
/** By distribution, as the account has them at the moment. */
let tags: Record<string, Record<string, string>>;

beforeAll(async () => {
  assembly = await synthesise();
});
afterAll(() => assembly.remove());

beforeEach(async () => {
  tags = {};
  box = await deploy(assembly, { tags });
  const port = box.account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
  const outline = { id, comment: "", origins: [customOrigin(domain, port)], defaultBehavior: { target: domain } };
  box.account.aws.setDistributions([distribution(outline, ACCOUNT_ID)]);
});
afterEach(() => box.close());

/** The subjects of what is published in so many runs, for each run; without the word that Origin Watch works. */
async function subjects(runs = 1): Promise<readonly (readonly string[])[]> {
  const told: string[][] = [];
  for (let run = 0; run < runs; run++) {
    const before = box.account.aws.messages.length;
    await box.handler.invoke();
    const published = box.account.aws.messages.slice(before).map(({ subject }) => subject ?? "");
    told.push(published.filter((subject) => !subject.startsWith("[STARTED]")));
  }
  return told;
}

function lastMail(): string {
  const renderings = JSON.parse(box.account.aws.messages.at(-1)?.message ?? "{}") as Readonly<Record<string, string>>;
  return (renderings.email ?? "").replaceAll(/\s+/g, " ");
}

const muted = expect.stringMatching(/^\[MUTED\] expired\.box\.test:\d+: certificate expired/);
const failing = expect.stringMatching(/^\[502\] expired\.box\.test:\d+: certificate expired/);

describe("an origin that is muted by a tag", () => {
  it("is told to be once, and again when it is still open at the end", async () => {
    tags[id] = { "origin-watch:mute-until": "2099-01-01", "origin-watch:mute-reason": "is being replaced" };
    expect(await subjects(2)).toEqual([[muted], []]);
    expect(lastMail()).toContain(`the tag origin-watch:mute-until of distribution ${id} in account ${ACCOUNT_ID}`);
    expect(lastMail()).toContain("which says: is being replaced. It asks for 2099-01-02 00:00 UTC; a tag mutes for");
    // Fixed and broken again meanwhile.
    await box.account.repair(domain);
    expect(await subjects()).toEqual([[]]);
    await box.account.expire(domain);
    expect(await subjects()).toEqual([[]]);
    tags[id] = { "origin-watch:mute-until": new Date(Date.now() - 1000).toISOString() };
    expect(await subjects(2)).toEqual([[failing], []]);
    expect(lastMail()).toContain("Muted until this run by the tag origin-watch:mute-until");
  });

  it("has its end told where it was told before, and a reminder where it is open when the tag is gone", async () => {
    expect(await subjects()).toEqual([[failing]]);
    tags[id] = { "origin-watch:mute-until": "2099-01-01" };
    expect(await subjects()).toEqual([[muted]]);
    delete tags[id];
    expect(await subjects(2)).toEqual([[expect.stringMatching(/^\[STILL 502\] expired\.box\.test/)], []]);
    tags[id] = { "origin-watch:mute-until": "2099-01-01" };
    await box.account.repair(domain);
    expect(await subjects()).toEqual([[expect.stringMatching(/^\[FIXED\] expired\.box\.test/)]]);
  });

  it.each(["\u{1f4a4}", "year 2099", "2026-02-31", "2099-01-01T00:00"])(
    "is told where the tag says %j, with a word about the tag",
    async (value) => {
      tags[id] = { "origin-watch:mute-until": value };
      const [told] = await subjects();
      expect(told).toEqual([expect.stringMatching(/^\[PROBLEM\].* a tag that mutes is not understood/), failing]);
    },
  );
});

const asked: MuteEntry = {
  source: "terminal",
  account: ACCOUNT_ID,
  distribution: null,
  origin: domain,
  code: null,
  until: "2099-01-01T00:00:00.000Z",
  reason: "works on it",
  by: "arn:aws:iam::123456789012:user/alice",
  createdAt: "2026-11-23T03:12:40.000Z",
};
const put = (body: string | Buffer) => box.account.aws.objects.put(STATE_BUCKET, "mutes.json", body);
const ask = (...mutes: readonly MuteEntry[]) => put(serializeMuteFile({ ...emptyMuteFile, mutes }));

describe("an origin that is muted in mutes.json", () => {
  it("is told to be once, and again when it is still open at the end", async () => {
    ask(asked);
    expect(await subjects(2)).toEqual([[muted], []]);
    expect(lastMail()).toContain(
      "Asked for by origin-watch mute, by somebody who says to be arn:aws:iam::123456789012:user/alice, which says: works on it.",
    );
    await box.account.repair(domain);
    expect(await subjects()).toEqual([[]]);
    await box.account.expire(domain);
    expect(await subjects()).toEqual([[]]);
    ask();
    expect(await subjects(2)).toEqual([[failing], []]);
    expect(lastMail()).toContain("Muted until this run by origin-watch mute, by somebody who says to be arn:aws:iam");
  });

  it("is told of in another code, and in another account", async () => {
    ask({ ...asked, code: "certificate-name-mismatch" }, { ...asked, account: "210987654321" });
    expect(await subjects()).toEqual([[failing]]);
  });

  const problem = expect.stringMatching(/^\[PROBLEM\].* mutes in the bucket cannot be read/);

  it.each<readonly [string, () => unknown, string]>([
    ["garbage", () => put("\u0000 not JSON"), "it is not JSON"],
    ["65 MB", () => put(Buffer.alloc(65_000_000, " ")), "is larger than 65536 bytes"],
    ["a later version", () => put('{"schemaVersion":2,"mutes":[]}'), "schemaVersion is not what this version writes"],
    [
      "a mute of the future",
      () => ask({ ...asked, createdAt: "2098-01-01T00:00:00.000Z" }),
      "1 of those in it were made in the future",
    ],
    [
      "nothing, and may not be read",
      () => box.account.aws.failNext("s3:GetObject", "access-denied", 3),
      "access denied",
    ],
  ])("is told where the object has %s, with a word about the object", async (_, given, words) => {
    given();
    const told = (await subjects()).flat();
    expect(told).toContainEqual(failing);
    const mails = box.account.aws.messages.map(({ message }) => message).join("\n");
    if (words !== "access denied") {
      expect(told).toEqual([problem, failing]);
      expect(mails).toContain("s3://origin-watch-state/mutes.json do not hold");
    }
    expect(mails).toContain(words);
  });
});

describe("an origin that is worked on in a maintenance window", () => {
  it("is told to be muted once, and as what it is when there is no window any more", async () => {
    // Begun an hour ago, and open for most of a day: no test is as slow as that.
    const hour = new Date(Date.now() - 3_600_000).getUTCHours();
    const window = { origin: domain, cron: `0 ${hour} * * ? *`, hours: 20, timeZone: "UTC", reason: "is patched" };
    const additions = {
      DNS_SERVERS: box.account.dns.address,
      ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
      EXTRA_TRUST_ANCHORS_FILES: box.account.caFile,
      MUTE_WINDOWS: JSON.stringify([window]),
    };
    const inWindow = await deployFunction(assembly, FUNCTIONS.watch, box.account.aws, additions);
    try {
      for (const _ of [1, 2]) await inWindow.invoke();
    } finally {
      await inWindow.close();
    }
    const told = box.account.aws.messages.flatMap(({ subject }) => subject ?? []);
    expect(told.filter((subject) => !subject.startsWith("[STARTED]"))).toEqual([muted]);
    expect(lastMail()).toContain("Asked for by the setting muteWindows, which says: is patched.");
    expect(await subjects(2)).toEqual([[failing], []]);
    expect(lastMail()).toContain("Muted until this run by the setting muteWindows, which said: is patched");
  });
});
