import { originLabel } from "../../bin/terminal/output/listing.ts";
import { byVerdict } from "../../lambda/judge/verdict.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { writeDemoReport } from "./demo-report.ts";
import { type Deployment, deploy, STATE_BUCKET, STATE_KEY } from "./deployment.ts";
import { synthesise } from "./lambda/assembly.ts";

const repaired = "expired.box.test";
const shownLogs = 3;

/**
 * Shows the whole job on real input without an AWS account: the function that the stack's template describes reads an
 * account in a box through the real SDK, shakes hands with some twenty origins on loopback, and publishes what an operator
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

async function show({ account, handler }: Deployment, file: string | undefined): Promise<string> {
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

  const state = account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1)?.body.toString() ?? "";
  return writeDemoReport(fourth.logs, state, file);
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
