import { snsClient, snsPublisher } from "../../lambda/aws/sns.ts";
import { s3Client, s3State } from "../../lambda/aws/state-s3.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { dayMs, hourMs, instant } from "../../lambda/text/instant.ts";
import { deliver } from "../incidents/deliver.ts";
import { words } from "../incidents/words.ts";
import { address, certificate, connectionRecord, report, silentAddress, use } from "../tell/records.ts";
import { chainIncompleteAt, expiry, ofConnection, refusedAt, someFailing } from "../tell/samples.ts";
import { startAwsEndpoint } from "./aws/endpoint.ts";

/**
 * A month of an account with some 300 origins, a run every quarter of an hour, on a clock of its own. The origins are
 * records, S3 and SNS are the real SDK against the account in a box. What is printed is every message that was sent.
 */
const start = Date.UTC(2026, 10, 1);
const quarter = hourMs / 4;
const runs = (30 * dayMs) / quarter;
const topicArn = "arn:aws:sns:us-east-1:123456789012:OriginWatch-Alerts";

/** Where in the month things happen, in days from its beginning. */
const rollout = { from: 3.4, to: 3.45 };
const alternating = { from: 5, to: 6.5 };
const flapping = { from: 9, to: 9.75 };
const expiresOn = 22;
const renewal = expiresOn + 0.125;
const outage = { from: 12.5, to: 12.6 };
const dnsOutage = { from: 24.3, to: 24.5 };

type Moment = { readonly day: number; readonly run: number };
const during = ({ day }: Moment, { from, to }: { readonly from: number; readonly to: number }) =>
  day >= from && day < to;
const instantOf = (day: number) => new Date(start + day * dayMs).toISOString();

const chainIncomplete = chainIncompleteAt({ domain: "two-nodes.example.com" });
const refused = refusedAt("203.0.113.7");

function alternatingNodes(moment: Moment): ConnectionRecord {
  const bad = during(moment, alternating) && moment.run % 2 === 0;
  return record("two-nodes.example.com", bad ? { verdict: "failing", findings: [chainIncomplete] } : {});
}

function rolledOut(moment: Moment): ConnectionRecord {
  if (!during(moment, rollout)) return record("rollout.example.com");
  return record("rollout.example.com", {
    verdict: "at-risk",
    findings: [
      someFailing(["203.0.113.8"], 3, "connection-refused"),
      { ...refusedAt("203.0.113.8"), effect: "may", severity: "warning" },
    ],
    observed: { addresses: [address("rollout.example.com"), silentAddress("refused", { address: "203.0.113.8" })] },
  });
}

function flappingOrigin(moment: Moment): ConnectionRecord {
  const down = during(moment, flapping) && moment.run % 2 === 0;
  return record("flapping.example.com", down ? failing(refused) : {});
}

function expiringOrigin({ day }: Moment): ConnectionRecord {
  const renewed = day >= renewal;
  const notAfter = instantOf(renewed ? expiresOn + 90 : expiresOn);
  const leaf = certificate("shop.example.com", {
    notBefore: instantOf(renewed ? renewal : expiresOn - 90),
    notAfter,
    sha256: (renewed ? "ab" : "9f").repeat(32),
  });
  const observed = { addresses: [address("shop.example.com", { chain: [leaf] })] };
  const left = expiresOn - day;
  if (renewed || left > 21) return record("shop.example.com", { observed });
  const code = left >= 0 ? "certificate-expiring" : "certificate-expired";
  const at = Math.round(start + day * dayMs);
  const findings = [expiry(code, Math.round(left * dayMs), { domain: "shop.example.com", at })];
  return record("shop.example.com", { verdict: left >= 0 ? "at-risk" : "failing", findings, observed });
}

function fleet(moment: Moment, size: number): readonly ConnectionRecord[] {
  return Array.from({ length: size }, (_, index) => {
    const domain = `fleet-${index + 1}.example.com`;
    const uses = [use(`E${index + 1}`, { aliases: [`site-${index + 1}.example.com`] })];
    if (during(moment, outage)) return record(domain, { ...failing(refused), uses });
    if (!during(moment, dnsOutage)) return record(domain, { uses });
    const unseen = ofConnection("dns-lookup-failed", { dns: { kind: "lookup-failed", error: "SERVFAIL" } }, { domain });
    return record(domain, { verdict: "unknown", findings: [unseen], observed: { addresses: [] }, uses });
  });
}

function failing(found: typeof refused): Partial<ConnectionRecord> {
  return { verdict: "failing", findings: [found], observed: { addresses: [silentAddress("connection refused")] } };
}

function record(domain: string, changes: Partial<ConnectionRecord> = {}): ConnectionRecord {
  const { connection: _, ...rest } = changes;
  return connectionRecord(domain, rest);
}

export type MonthlyMessage = { readonly at: string; readonly subject: string; readonly text: string };

/** Sends what a month brings, and gives the messages with the time at which each was sent. */
export async function month(fleetSize: number): Promise<readonly MonthlyMessage[]> {
  const aws = await startAwsEndpoint({ topics: [topicArn] });
  Object.assign(process.env, aws.environment);
  const [s3, sns] = [s3Client(), snsClient(topicArn)];
  const ports = { ...s3State(s3, { bucket: "state", key: "state.json" }), publish: snsPublisher(sns, topicArn) };
  const memory = { holder: "month", unsaved: null };
  const sent: MonthlyMessage[] = [];
  try {
    for (let run = 0; run < runs; run += 1) {
      const at = start + run * quarter;
      const moment = { run, day: (at - start) / dayMs };
      const records = [alternatingNodes, rolledOut, flappingOrigin, expiringOrigin].map((origin) => origin(moment));
      const finishedAt = new Date(at).toISOString();
      const about = report([...records, ...fleet(moment, fleetSize)], {
        runId: `run-${run}`,
        startedAt: finishedAt,
        finishedAt,
      });
      const { failures } = await deliver(
        { report: about, policy: defaultAlertPolicy, clock: () => at, deadline: at + 300_000 },
        ports,
        words,
        memory,
      );
      if (failures.length > 0) throw new Error(JSON.stringify(failures));
      for (const { subject = "", message } of aws.messages.slice(sent.length)) {
        const { email } = JSON.parse(message) as { readonly email: string };
        sent.push({ at: finishedAt, subject, text: email });
      }
    }
  } finally {
    s3.destroy();
    sns.destroy();
    await aws.close();
  }
  return sent;
}

/** The story of the month and its messages, for people. */
export async function monthInWords(): Promise<string> {
  const fleetSize = 300;
  const messages = await month(fleetSize);
  return `A month of ${fleetSize + 4} origins, ${runs} runs. What happens:
- day 2 to 23: the certificate of shop.example.com goes from 21 days to none, and is renewed three hours later
- day 4: a roll-out breaks one of three addresses of rollout.example.com for an hour
- day 6: two-nodes.example.com alternates between a good and a bad node with every run, for a day and a half
- day 10: flapping.example.com refuses every other run, for 18 hours
- day 13: ${fleetSize} origins are down for two hours and a half
- day 25: DNS does not answer for ${fleetSize} origins, for five hours

${messages.map(({ at, subject }) => `${at.slice(0, 16).replace("T", " ")}  ${subject}`).join("\n")}

${messages.map(inFull).join("\n\n")}

${messages.length} messages.`;
}

function inFull({ at, subject, text }: MonthlyMessage): string {
  return `======== ${instant(at)} ========\nSubject: ${subject}\n\n${text.trim()}`;
}
