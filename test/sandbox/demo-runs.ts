import { originLabel } from "../../bin/terminal/output/listing.ts";
import { byVerdict } from "../../lambda/judge/verdict.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { addOutages } from "./demo-outages.ts";
import { writeDemoReport } from "./demo-report.ts";
import { type Deployment, deploy, STATE_BUCKET, STATE_KEY } from "./deployment.ts";
import { synthesise } from "./lambda/assembly.ts";

const repaired = "expired.box.test";
const shownLogs = 3;

/**
 * Shows the whole job on real input without an AWS account: the function that the stack's template describes reads an
 * account in a box through the real SDK, shakes hands with some thirty origins on loopback, and publishes what an operator
 * would get.
 *
 * @param file where the page goes; a new temporary folder unless given
 * @returns where it is
 */
export async function showRuns(file?: string): Promise<string> {
  const assembly = await synthesise();
  try {
    const deployment = await deploy(assembly);
    try {
      return await show(deployment, file);
    } finally {
      await deployment.close();
    }
  } finally {
    assembly.remove();
  }
}

async function show(deployment: Deployment, file: string | undefined): Promise<string> {
  const { account, handler } = deployment;
  const outages = await addOutages(account);
  heading("First run: every origin of the account");
  const first = await handler.invoke();
  table(first.logs);

  heading("The message that the subscribers of the SNS topic get");
  console.log(
    "It has what is certain at once. What may be fleeting, as a refused connection, waits for the second run.\n",
  );
  mail(account.aws.messages.at(-1));

  heading(`The log records: ${first.logs.length} lines, ${shownLogs} of them`);
  for (const line of [first.logs[0], first.logs.at(-2), first.logs.at(-1)]) console.log(`${line}\n`);

  heading("Second run: what the network showed is confirmed, and told");
  const told = account.aws.messages.length;
  await handler.invoke();
  for (const { subject } of account.aws.messages.slice(told)) console.log(`Subject: ${subject}`);

  heading("Third run: nothing has changed, so nobody is told anything");
  const before = account.aws.messages.length;
  const third = await handler.invoke();
  console.log(`${Math.round(third.ms)} ms, ${account.aws.messages.length - before} messages`);

  heading(`${repaired} gets a new certificate; fourth run`);
  await account.repair(repaired);
  const fourth = await handler.invoke();
  console.log(`${Math.round(fourth.ms)} ms, ${account.aws.messages.length - before} message:\n`);
  mail(account.aws.messages.at(-1));

  const last = await showOutages(deployment, outages);
  const state = account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1)?.body.toString() ?? "";
  return writeDemoReport(last, state, file);
}

const minuteMs = 60_000;

/**
 * What no check of an origin sees in full: viewers ask through the box's edge, CloudFront counts what they get, and runs
 * weigh that with what they see themselves.
 *
 * @returns the log of the last run
 */
async function showOutages(
  { account, handler }: Deployment,
  outages: Awaited<ReturnType<typeof addOutages>>,
): Promise<readonly string[]> {
  heading("An hour later, two outages from both sides");
  console.log(`goes-dark.box.test stops answering. bad-gateway.box.test goes on to answer connections, and answers 502 to every
request: for a check that sends none, it is in order. Viewers ask through CloudFront, which counts what they get.`);
  await outages.begin();
  let logs: readonly string[] = [];
  for (const minutes of [60, 75, 90]) {
    outages.setAhead(minutes * minuteMs);
    console.log(`\nMinute ${minutes}\nWhat viewers got meanwhile:`);
    for (const line of await outages.ask()) console.log(`  ${line}`);
    const told = account.aws.messages.length;
    ({ logs } = await handler.invoke({ clockAheadMs: minutes * minuteMs }));
    console.log("What the run saw of the origins:");
    for (const line of verdicts(logs, ["goes-dark.box.test", "bad-gateway.box.test"])) console.log(`  ${line}`);
    console.log("What people are told:");
    const subjects = account.aws.messages.slice(told).map(({ subject }) => subject ?? "");
    for (const subject of subjects.length === 0 ? ["nothing"] : subjects) console.log(`  ${subject}`);
  }
  console.log("\nThe message about the 502 that the origin answers itself:\n");
  mail(account.aws.messages.find(({ subject }) => subject?.startsWith("[502] forum.example.com")));
  return logs;
}

function verdicts(logs: readonly string[], domains: readonly string[]): readonly string[] {
  const records = logs.map((line) => JSON.parse(line) as ConnectionRecord & { message?: string });
  return records
    .filter(({ message, connection }) => message === "connection" && domains.includes(connection.domain))
    .map(({ connection, verdict, findings }) =>
      [connection.domain.padEnd(20), verdict.padEnd(8), findings.map(({ title }) => title).join("; ")]
        .join(" ")
        .trimEnd(),
    );
}

function table(logs: readonly string[]): void {
  const records = logs
    .map((line) => JSON.parse(line) as ConnectionRecord & { message?: string })
    .filter(({ message }) => message === "connection")
    .toSorted(byVerdict);
  const widest = Math.max(...records.map((record) => originLabel(record).length));
  for (const record of records) {
    const { verdict, findings, skipped, uses } = record;
    const codes = [...new Set(findings.map(({ code }) => code))].join(", ") || (skipped ?? "");
    const users = [...new Set(uses.map(({ distributionId }) => distributionId))].join(" ");
    console.log(`${verdict.padEnd(8)} ${originLabel(record).padEnd(widest)} ${codes.padEnd(45)} ${users}`.trimEnd());
  }
}

function mail(message: Deployment["account"]["aws"]["messages"][number] | undefined): void {
  if (message === undefined) throw new Error("no message was published");
  const { email } = JSON.parse(message.message) as { readonly email: string };
  console.log(`Subject: ${message.subject}\n\n${email}`);
}

function heading(text: string): void {
  console.log(`\n${"=".repeat(text.length)}\n${text}\n${"=".repeat(text.length)}\n`);
}
