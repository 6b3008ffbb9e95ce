import { afterEach, describe, expect, it } from "vitest";
import type { RunReport } from "../../lambda/report/record.ts";
import type { ReadSettings } from "../../lib/cloudfront-reads.ts";
import { type Call, isAllowed, unusedActions } from "../lib/iam.ts";
import type { Account } from "../sandbox/account.ts";
import { accountDetails, specialDistributions } from "../sandbox/account-details.ts";
import { createMember, createOrganization, type MemberAccount } from "../sandbox/aws/organization.ts";
import { deploy, hubOf } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { synthesise } from "../sandbox/lambda/assembly.ts";
import { deployedMemberRole, MEMBER_ROLE, memberRole } from "../sandbox/member-role.ts";
import { SECRET_MARKER } from "../sandbox/secret-marker.ts";
import { logged } from "./organization-box.ts";

// The rights of the role in another account, against the calls that the function makes with them there: both follow from the
// settings, the rights by the member template, the calls by a run over an account that has all that is read for.

const member = "222222222222";
const organizationId = "o-boxorg0001";
const off: ReadSettings = { muteTags: false, readFunctions: false, viewerErrors: "off", throughCloudFront: "off" };
const on: ReadSettings = { muteTags: true, readFunctions: true, viewerErrors: "hourly", throughCloudFront: "doubt" };

let ended: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.toReversed()) await end();
  ended = [];
});

/**
 * What CloudFront has in the account: a VPC origin, a staging distribution with its primary, a multi-tenant distribution with
 * a tenant, and a distribution with a function and a response headers policy in front of an origin that refuses.
 */
function inventoryOf(account: Account): MemberAccount["inventory"] {
  const port = (domain: string) => account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
  const one = (id: string, domain: string, originRequestPolicy: string) =>
    distribution(
      {
        id,
        comment: "",
        origins: [customOrigin(domain, port(domain))],
        defaultBehavior: { target: domain, originRequestPolicy },
      },
      member,
    );
  const shop = one("E1MEMBERSHOP01", "refused.box.test", "AllViewerExceptHostHeader");
  const arn = `arn:aws:cloudfront::${member}:function/rewrite`;
  const FunctionAssociations = { Quantity: 1, Items: [{ FunctionARN: arn, EventType: "viewer-request" as const }] };
  const rules = { ...shop.DefaultCacheBehavior!, FunctionAssociations, ResponseHeadersPolicyId: "own" };
  return {
    ...accountDetails(member),
    functions: { [arn]: "function handler(event) { return event.request; }" },
    distributions: [
      { ...shop, DefaultCacheBehavior: rules },
      one("E3BOXAPP000003", "alb.box.test", "AllViewer"),
      ...specialDistributions(port, member, SECRET_MARKER),
    ],
  };
}

/** One run: the rights of the member's role, and the calls that were made with its credentials. */
async function story(settings: ReadSettings) {
  const assembly = await synthesise({ organization: true, organizationId, ...settings });
  ended.push(assembly.remove);
  const hub = hubOf(assembly, organizationId);
  const caller = `arn:aws:iam::${hub.accountId}:role/${hub.roleName}`;
  const organization = createOrganization({ id: organizationId, caller });
  const box = await deploy(assembly, { organization }, async (account) => {
    account.aws.setDistributions([]);
    const inventory = inventoryOf(account);
    const made = createMember(member, { inventory, roles: { [MEMBER_ROLE]: memberRole(hub, member, settings) } });
    organization.accounts.set(member, made);
    const now = Date.now();
    made.counts.script("E1MEMBERSHOP01", now - 2 * 3_600_000, now + 3_600_000, { requests: 100, errors: { 502: 50 } });
    const edge = await account.openEdge();
    return { EDGE_PORT: String(edge.port) };
  });
  ended.push(box.close);
  const { logs } = await box.handler.invoke();
  const calls: readonly (Call & { readonly account: string; readonly status: number })[] = box.account.aws.calls;
  return {
    rights: deployedMemberRole(hub, member, settings).rights,
    // Who assumes a role does so with its own rights.
    calls: calls.filter(({ account, action }) => account === member && action !== "sts:AssumeRole"),
    problems: logged<RunReport>(logs, "run").flatMap(({ problems }) => problems),
  };
}

describe("the role of another account", () => {
  it.each<[string, ReadSettings]>([
    ["with every setting that asks for more", on],
    ["without any of them", off],
    ["where tags are read for the requests through CloudFront only", { ...on, muteTags: false, readFunctions: false }],
  ])("has every right that is used, and no other, %s", async (_name, settings) => {
    const { rights, calls, problems } = await story(settings);
    expect(calls.filter((call) => call.status === 403 || !isAllowed(rights, call))).toEqual([]);
    expect(unusedActions(rights, calls)).toEqual([]);
    // What cannot be read for another reason would hide calls.
    expect(problems).toEqual([]);
  });
});
