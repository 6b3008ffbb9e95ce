import { byVerdict } from "../../lambda/judge/verdict.ts";
import type { ConnectionRecord, RunReport } from "../../lambda/report/record.ts";
import { writeDemoReport } from "./demo-report.ts";
import { STATE_BUCKET, STATE_KEY } from "./deployment.ts";
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

const hourMs = 3_600_000;

/**
 * Shows a hub in an organization: the function that the template of a stack with `organization` describes, which reads 40
 * accounts in a box by a role in each, and has two more Regions look at their origins.
 *
 * @param file where the page goes; a new temporary folder unless given
 * @returns where it is
 */
export async function showOrganization(file?: string): Promise<string> {
  const assembly = await synthesiseScene();
  try {
    const scene = await openScene(assembly);
    try {
      return await show(scene, file);
    } finally {
      await scene.close();
    }
  } finally {
    assembly.remove();
  }
}

async function show(scene: Scene, file: string | undefined): Promise<string> {
  const { account, organization, hub } = scene;
  const { denied, suspended, throttled, sharing, blocked, moved } = ACCOUNTS;
  heading(`${accountCount} accounts, and what is the matter with some`);
  console.log(`${label(denied)} has no role for the hub
${label(suspended)} is suspended, so nobody expects anything of it
${label(throttled)} is throttled by CloudFront in the first run
${sharing.map(label).join(", ")} use ${sharedOrigin}, whose certificate is over
${label(blocked)} uses ${ELSEWHERE.blocked.domain}, which is refused from ${ELSEWHERE.blocked.region}
${label(moved)} uses ${ELSEWHERE.moved.domain}, of which DNS gives ${ELSEWHERE.moved.region} another address`);

  heading(`First run, from us-east-1, ${Object.values(VANTAGES).join(" and ")}`);
  account.aws.failNext("cloudfront:ListDistributions", "throttle", 50, throttled.id);
  await run(scene, 0);
  const mail = (start: string) => account.aws.messages.map(mailOf).find(({ subject }) => subject.startsWith(start));
  console.log("\nThe message about the origin that three accounts share:\n");
  console.log(mail(`[502] ${sharedOrigin}`)?.whole ?? "none");
  console.log(`\nWhat it says of ${ELSEWHERE.moved.domain}, which only one Region sees so:\n`);
  console.log(mail(`[502] ${ELSEWHERE.moved.domain}`)?.cause ?? "none");

  heading("Fifteen minutes later: CloudFront answers again, and the role is rolled out");
  account.aws.clearFaults();
  organization.accounts.get(denied.id)?.roles.set(MEMBER_ROLE, memberRole(hub, denied.id));
  await run(scene, hourMs / 4);
  console.log(`\nWhat it says of ${ELSEWHERE.blocked.domain}, now that it was seen twice:\n`);
  console.log(mail(`[AT RISK] ${ELSEWHERE.blocked.domain}`)?.cause ?? "none");

  heading("Another fifteen minutes later: the origin is repaired");
  await account.repair(sharedOrigin);
  const last = await run(scene, hourMs / 2);

  heading("Who assumed which role, in three runs");
  const calls = account.aws.calls.filter(({ action }) => action === "sts:AssumeRole");
  const refused = calls.filter(({ status }) => status === 403);
  console.log(`${calls.length} calls of AssumeRole in all, each answered by the trust of the member template:`);
  console.log(
    `${calls.length - refused.length} granted, ${refused.length} denied (${[...new Set(refused.map((each) => each.account))].join(", ")}).`,
  );
  const state = account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1)?.body.toString() ?? "";
  return writeDemoReport(last, state, file);
}

/** One run, what it saw and what it told. */
async function run({ account, handler }: Scene, clockAheadMs: number): Promise<readonly string[]> {
  const told = account.aws.messages.length;
  const { logs } = await handler.invoke({ clockAheadMs });
  const lines = logs.map((line) => JSON.parse(line) as { readonly message?: string });
  const connections = lines.filter(({ message }) => message === "connection") as unknown as ConnectionRecord[];
  const report = lines.find(({ message }) => message === "run") as unknown as RunReport;
  console.log("Origins:");
  for (const { verdict, connection, uses, observed } of connections.toSorted(byVerdict)) {
    const accounts = new Set(uses.map(({ scope }) => scope.accountId));
    console.log(
      `  ${verdict.padEnd(8)} ${connection.domain}, used by ${accounts.size} ${accounts.size === 1 ? "account" : "accounts"}`,
    );
    const met = observed.addresses.map(({ seenFrom, address, outcome }) => `${seenFrom}: ${address}, ${outcome}`);
    const isAlike = new Set(observed.addresses.map(({ address, outcome }) => `${address} ${outcome}`)).size < 2;
    for (const line of isAlike ? [] : met.toSorted()) console.log(`           ${line}`);
  }
  console.log("Problems:");
  const problems = report.problems.map(({ code, scope }) => `${code} ${scope?.accountId ?? "of the run"}`);
  for (const line of problems.length === 0 ? ["none"] : problems) console.log(`  ${line}`);
  console.log("Messages:");
  const subjects = account.aws.messages.slice(told).map(({ subject }) => subject ?? "");
  for (const line of subjects.length === 0 ? ["none"] : subjects) console.log(`  ${line}`);
  return logs;
}

function label({ id, name }: { readonly id: string; readonly name: string }): string {
  return `${name} (${id})`;
}

function mailOf({ subject = "", message }: { readonly subject?: string | undefined; readonly message: string }) {
  const { email } = JSON.parse(message) as { readonly email: string };
  return {
    subject,
    whole: `Subject: ${subject}\n\n${email}`,
    cause: /^Cause: .*$/m.exec(email)?.[0],
  };
}

function heading(text: string): void {
  console.log(`\n${text}\n${"=".repeat(text.length)}\n`);
}
