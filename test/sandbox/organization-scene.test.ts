import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../bin/terminal/output/html-report.ts";
import { parseBoard } from "../../lambda/board/board-format.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import type { ConnectionRecord, RunReport } from "../../lambda/report/record.ts";
import { unusedActions } from "../lib/iam.ts";
import { ACCOUNT_ID } from "./account-distributions.ts";
import { letsThrough, readFilterPolicy } from "./aws/filter-policy.ts";
import { BOARD_KEY, FUNCTIONS, rightsOf, STATE_BUCKET, STATE_KEY } from "./deployment.ts";
import type { Assembly } from "./lambda/assembly.ts";
import { MEMBER_ROLE, memberRole } from "./member-role.ts";
import {
  ACCOUNTS,
  accountCount,
  ELSEWHERE,
  openScene,
  type Scene,
  sharedOrigin,
  synthesiseScene,
  VANTAGES,
} from "./organization-scene.ts";

const settings = { muteTags: true, readFunctions: false, viewerErrors: "hourly", throughCloudFront: "off" } as const;
let assembly: Assembly;
let scene: Scene;
let logs: readonly string[];

beforeAll(async () => {
  assembly = await synthesiseScene();
  scene = await openScene(assembly);
  scene.account.aws.failNext("cloudfront:ListDistributions", "throttle", 50, ACCOUNTS.throttled.id);
  ({ logs } = await scene.handler.invoke());
});
afterAll(async () => {
  await scene.close();
  assembly.remove();
});

function records<T>(name: string): readonly T[] {
  return logs.map((line) => JSON.parse(line) as { message?: string }).filter(({ message }) => message === name) as T[];
}

const sent = () =>
  scene.account.aws.messages.map(({ subject = "", message, attributes }) => {
    const { email } = JSON.parse(message) as { readonly email: string };
    return { subject, email, attributes };
  });

describe("an organization of 40 accounts, one denied, one suspended, one throttled", () => {
  it("is read by roles whose trust is evaluated, and what fails costs nobody else anything", () => {
    const assumed = scene.account.aws.calls.filter(({ action }) => action === "sts:AssumeRole");
    const refused = assumed.filter(({ status }) => status === 403).map(({ account }) => account);
    expect(new Set(refused)).toEqual(new Set([ACCOUNTS.denied.id]));
    // Neither its own account nor the suspended one.
    expect(new Set(assumed.map(({ account }) => account)).size).toBe(accountCount - 2);
    const seen = records<ConnectionRecord>("connection").flatMap(({ uses }) =>
      uses.map(({ scope: { accountId } }) => accountId),
    );
    const left = [ACCOUNTS.denied.id, ACCOUNTS.suspended.id, ACCOUNTS.throttled.id];
    expect(new Set(seen).size).toBe(accountCount - left.length);
    for (const id of left) expect(seen).not.toContain(id);
  });

  it("makes one connection of an origin that three accounts share, with the uses of all", () => {
    const shared = records<ConnectionRecord>("connection").filter(
      ({ connection }) => connection.domain === sharedOrigin,
    );
    expect(shared.map(({ uses }) => uses.flatMap(({ scope }) => scope.accountId ?? []).toSorted())).toEqual([
      ACCOUNTS.sharing.map(({ id }) => id),
    ]);
    const message = sent().find(({ subject }) => subject.startsWith(`[502] ${sharedOrigin}`));
    for (const { id } of ACCOUNTS.sharing) expect(message?.email).toContain(id);
    const accountIds: unknown = JSON.parse(message?.attributes.accountIds?.value ?? "[]");
    expect(accountIds).toEqual(ACCOUNTS.sharing.map(({ id }) => id));
  });

  it("tells of the accounts that could not be read, and of no other", () => {
    const [run] = records<RunReport>("run");
    const unread = (run?.problems ?? []).map(({ scope }) => scope?.accountId);
    // Each once: whoever was throttled could not list its policies either.
    expect(unread).toHaveLength(2);
    expect(new Set(unread)).toEqual(new Set([ACCOUNTS.denied.id, ACCOUNTS.throttled.id]));
    const all = sent()
      .map(({ email }) => email)
      .join("\n");
    expect(all).toContain(ACCOUNTS.denied.id);
    expect(all).toContain(ACCOUNTS.throttled.id);
  });

  it("keeps no address of a root user and no credentials anywhere", () => {
    const objects = scene.account.aws.objects.versions(STATE_BUCKET, STATE_KEY).map(({ body }) => body.toString());
    expect(`${logs.join("\n")}${objects.join("\n")}${JSON.stringify(scene.account.aws.messages)}`).not.toContain(
      "SECRET-MARKER",
    );
  });

  it("needs every right of the hub's role for other accounts, and none that a member's role has not", () => {
    const { aws } = scene.account;
    const hub = rightsOf(assembly, FUNCTIONS.watch).filter(({ actions }) =>
      actions.some((action) => /^(?:sts|organizations):/.test(action)),
    );
    expect(hub.length).toBe(2);
    expect(unusedActions(hub, aws.calls)).toEqual([]);
    const own = aws.calls.filter(({ account, status }) => account === ACCOUNT_ID && status === 403);
    expect(own).toEqual([]);
    const ofMembers = aws.calls.filter(({ account, action }) => account !== ACCOUNT_ID && action !== "sts:AssumeRole");
    expect(ofMembers.filter(({ status }) => status === 403)).toEqual([]);
  });
});

const home = "us-east-1";

/** Of an origin, in the last run: what each vantage met, in the order of their names. */
function seenOf(domain: string): readonly string[] {
  const [record] = records<ConnectionRecord>("connection").filter(({ connection }) => connection.domain === domain);
  return (record?.observed.addresses ?? [])
    .map(({ address, outcome, seenFrom }) => `${seenFrom} ${address} ${outcome}`)
    .toSorted();
}

/** The message about an origin, with what it says on one line. */
function messageOf(tag: string, domain: string) {
  const [message, ...others] = sent().filter(({ subject }) => subject.startsWith(`[${tag}] ${domain}`));
  if (message === undefined || others.length > 0) throw new Error(`${others.length} more messages about ${domain}`);
  return { ...message, email: message.email.replaceAll(/\s+/g, " ") };
}

describe("two vantages, of which one cannot reach an origin and one gets another answer of DNS", () => {
  const { blocked, moved } = ELSEWHERE;

  it("look at every origin of every account, and say what each met", () => {
    for (const domain of ["healthy.box.test", sharedOrigin]) {
      expect(seenOf(domain)).toEqual(
        [VANTAGES.tokyo, VANTAGES.frankfurt, home].map((region) => `${region} 127.0.0.1 handshake completed`),
      );
    }
    expect(seenOf(blocked.domain)).toEqual([
      `${VANTAGES.tokyo} 127.0.0.1 handshake completed`,
      `${VANTAGES.frankfurt} ${blocked.address} connection refused`,
      `${home} 127.0.0.1 handshake completed`,
    ]);
    expect(seenOf(moved.domain)).toEqual([
      `${VANTAGES.tokyo} ${moved.address} handshake completed`,
      `${VANTAGES.frankfurt} 127.0.0.1 handshake completed`,
      `${home} 127.0.0.1 handshake completed`,
    ]);
    const findings = (domain: string) =>
      records<ConnectionRecord>("connection").find(({ connection }) => connection.domain === domain)?.findings;
    expect(findings(blocked.domain)).toMatchObject([
      { code: "some-regions-failing", effect: "may", seenFrom: [VANTAGES.frankfurt] },
    ]);
    expect(findings(moved.domain)).toMatchObject([
      { code: "certificate-expired", effect: "502", address: moved.address, seenFrom: [VANTAGES.tokyo] },
    ]);
  });

  it("prove a certificate at once, whoever saw it, and tell the account that uses it where that was", () => {
    const { subject, email, attributes } = messageOf("502", moved.domain);
    expect(subject).toContain("certificate expired");
    expect(email).toMatch(/Seen from ap-northeast-1, not from us-east-1 and eu-central-1\./);
    expect(email).toContain(`openssl s_client -connect ${moved.address}:`);
    expect(email).toMatch(/Checked and OK at 127\.0\.0\.1 \(from us-east-1 and eu-central-1\)/);
    expect(JSON.parse(attributes.accountIds?.value ?? "")).toEqual([ACCOUNTS.moved.id]);
  });

  it("wait for a second run before they tell that one does not reach an origin", () => {
    expect(sent().some(({ subject }) => subject.includes(blocked.domain))).toBe(false);
  });
});

describe("the next run", () => {
  it("reads the account that was throttled, and the one that has got its role", async () => {
    const denied = scene.organization.accounts.get(ACCOUNTS.denied.id);
    denied?.roles.set(MEMBER_ROLE, memberRole(scene.hub, ACCOUNTS.denied.id, settings));
    scene.account.aws.clearFaults();
    ({ logs } = await scene.handler.invoke());
    const [run] = records<RunReport>("run");
    expect(run?.problems).toEqual([]);
    const seen = records<ConnectionRecord>("connection").flatMap(({ uses }) =>
      uses.map(({ scope: { accountId } }) => accountId),
    );
    for (const id of [ACCOUNTS.denied.id, ACCOUNTS.throttled.id]) expect(seen).toContain(id);
  });

  it("tells that one Region does not reach an origin, as a risk, with the names of all", () => {
    const { blocked } = ELSEWHERE;
    const { subject, email, attributes } = messageOf("AT RISK", blocked.domain);
    expect(subject).toContain("1 of 3 Regions cannot r");
    expect(email).toContain(`From ${blocked.region}: port`);
    expect(email).toContain(`refuses connections (${blocked.address})`);
    expect(email).toMatch(/us-east-1 and ap-northeast-1 reach it \(127\.0\.0\.1\)/);
    expect(email).toContain("Cache misses may get 502");
    expect(JSON.parse(attributes.accountIds?.value ?? "")).toEqual([ACCOUNTS.blocked.id]);
  });

  it("routes to each team what its own accounts are hit by, and by severity, as docs/accounts.md says", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/accounts.md"), "utf8");
    const documented = [...page.matchAll(/^(\{"accountIds": .*\})$/gm)].map(([, policy = ""]) => policy);
    expect(documented).toHaveLength(2);
    const [any = "", critical = ""] = documented;
    const reaching = (policy: string, id: string) => {
      const read = readFilterPolicy(policy.replaceAll("444455556666", id));
      const through = sent().filter(({ attributes }) => letsThrough(read, attributes));
      return through.map(({ subject }) => /^\[[^\]]+\] [\w.-]*/.exec(subject)?.[0]);
    };
    const [, blog] = ACCOUNTS.sharing;
    expect(reaching(any, blog.id)).toEqual([`[502] ${sharedOrigin}`]);
    expect(reaching(critical, blog.id)).toEqual([`[502] ${sharedOrigin}`]);
    expect(reaching(any, ACCOUNTS.moved.id)).toEqual([`[502] ${ELSEWHERE.moved.domain}`]);
    expect(reaching(any, ACCOUNTS.blocked.id)).toEqual([`[AT RISK] ${ELSEWHERE.blocked.domain}`]);
    expect(reaching(critical, ACCOUNTS.blocked.id)).toEqual([]);
    expect(reaching(any, ACCOUNTS.throttled.id)).toEqual(["[PROBLEM] Origin", "[FIXED] Origin"]);
    expect(reaching(any, "200000000020")).toEqual([]);
    expect(reaching(any, ACCOUNT_ID)).toEqual(["[STARTED] Origin"]);
  });

  it("leaves a board with all of it", () => {
    const stored = scene.account.aws.objects.versions(STATE_BUCKET, BOARD_KEY).at(-1)!.body;
    const parsed = parseBoard(gunzipSync(stored).toString());
    if (parsed.kind !== "board") throw new Error(parsed.problem);
    const { board } = parsed;
    const page = reportPage({ board, openedAt: null, now: Date.parse(board.finishedAt) }, sha256);
    const text = page.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
    for (const { id, name } of [...ACCOUNTS.sharing, ACCOUNTS.blocked, ACCOUNTS.moved]) {
      expect(text).toContain(`Account ${name} (${id})`);
    }
    expect(text).toContain("all 39 accounts read");
    expect(text).toContain("1 of 3 Regions cannot reach it");
    expect(text).toMatch(/Seen from ap-northeast-1, not from us-east-1 and eu-central-1/);
    expect(text).toContain("Checked from eu-central-1");
  });
});
