import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConnectionRecord, RunReport } from "../../lambda/report/record.ts";
import { unusedActions } from "../lib/iam.ts";
import { ACCOUNT_ID } from "./account-distributions.ts";
import { FUNCTIONS, rightsOf, STATE_BUCKET, STATE_KEY } from "./deployment.ts";
import { type Assembly, synthesise } from "./lambda/assembly.ts";
import { deployedMemberRole, MEMBER_ROLE, memberRole } from "./member-role.ts";
import { ACCOUNTS, accountCount, ORGANIZATION_ID, openScene, type Scene } from "./organization-scene.ts";

const settings = { muteTags: true, readFunctions: false, viewerErrors: "hourly", throughCloudFront: "off" } as const;
let assembly: Assembly;
let scene: Scene;
let logs: readonly string[];

beforeAll(async () => {
  assembly = await synthesise({
    organization: true,
    organizationId: ORGANIZATION_ID,
  });
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
    const shared = records<ConnectionRecord>("connection").filter(({ verdict }) => verdict === "failing");
    expect(shared.map(({ uses }) => uses.flatMap(({ scope }) => scope.accountId ?? []).toSorted())).toEqual([
      ACCOUNTS.sharing.map(({ id }) => id),
    ]);
    const message = sent().find(({ subject }) => subject.startsWith("[502]"));
    for (const { id } of ACCOUNTS.sharing) expect(message?.email).toContain(id);
    const accountIds: unknown = JSON.parse(message?.attributes.accountIds?.value ?? "[]");
    expect(accountIds).toEqual(ACCOUNTS.sharing.map(({ id }) => id));
  });

  it("tells of the accounts that could not be read, and of no other", () => {
    const [run] = records<RunReport>("run");
    const unread = (run?.problems ?? []).map(({ scope }) => scope?.accountId);
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

  it("needs every right of the hub's role and of the members' role, and no other", async () => {
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
    const called = new Set(ofMembers.map(({ action }) => action));
    // The account has nothing that these are for: VPC origins, staging and multi-tenant distributions.
    const unneeded = [
      "cloudfront:GetDistributionConfig",
      "cloudfront:GetDistributionTenant",
      "cloudfront:GetVpcOrigin",
      "cloudfront:ListDistributionTenants",
      "cloudfront:ListContinuousDeploymentPolicies",
    ];
    const granted = deployedMemberRole(scene.hub, ACCOUNTS.throttled.id, settings).rights.flatMap(
      ({ actions }) => actions,
    );
    expect(granted.filter((action) => !called.has(action) && !unneeded.includes(action))).toEqual([]);
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
});
