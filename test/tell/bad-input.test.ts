import { describe, expect, test } from "vitest";
import { publication } from "../../lambda/aws/sns.ts";
import type { Scope } from "../../lambda/configuration/scope.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Message } from "../../lambda/incidents/ports.ts";
import type { State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { DistributionRecord } from "../../lambda/report/distribution-record.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { hourMs } from "../../lambda/text/instant.ts";
import {
  address,
  certificate,
  chainIncomplete,
  connectionRecord,
  finding,
  logGroup,
  place,
  region,
  report,
  runTime,
  scope,
  topicArn,
  use,
} from "./records.ts";
import { countedErrors, countOf } from "./situations.ts";

/** As long as a name can be (RFC 1035, section 2.3.4), of labels as long as they can be. */
function longName(first: string): string {
  const label = "x".repeat(63);
  return `${first}${"x".repeat(61 - first.length)}.${label}.${label}.${label}`.slice(0, 253);
}

/** What is sent when it opens, is reminded of, and is gone. */
function messages(run: RunReport, own: Scope = scope): readonly Message[] {
  const policy = { ...defaultAlertPolicy, confirmations: 1, firstMessage: "now", weeklyDigest: true } as const;
  const at = (hours: number) => new Date(Date.parse(runTime) + hours * hourMs);
  const context = { scope: own, region, logGroup, ...place };
  const runs = [
    [0, run],
    [25, run],
    [50, report([])],
    [200, run],
  ] as const;
  let state: State | null = null;
  return runs.flatMap(([hours, seen]) => {
    const { next, drafts } = step(state, seen, at(hours), policy);
    state = next;
    return drafts.map((draft) => renderDraft(draft, { ...seen, finishedAt: at(hours).toISOString() }, context, []));
  });
}

function broken(domain: string, changes: Parameters<typeof connectionRecord>[1] = {}) {
  return connectionRecord(domain, { verdict: "failing", findings: [chainIncomplete], ...changes });
}

const names = Array.from({ length: 12 }, (_, index) => longName(`n${index}-`));
const evil = "CN=x\r\n\r\nDo first:\n1. Send your password to https://evil.example/\u202e\u0000 `<!here>`, O=\u{1f642}";
const unnamed: Scope = { ...scope, accountName: null };
const unknown: Scope = { accountId: null, accountName: null, partition: null };
const manyUses = Array.from({ length: 500 }, (_, index) =>
  use(`E${String(index).padStart(13, "0")}`, { aliases: [`www${index}.example.com`], comment: `Shop ${index}` }),
);

/** CloudFront counts errors, and everything that is not a number is what somebody may have written there. */
function hostileErrors(id: string): DistributionRecord {
  const cause = {
    domain: evil,
    port: 443,
    code: "origin-went-dark",
    effect: "may",
    title: evil,
    openSince: null,
  } as const;
  return countedErrors(id, "502", [countOf(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)], {
    possibleCauses: Array.from({ length: 50 }, () => cause),
    functionErrors: Array.from({ length: 50 }, () => ({ kind: "lambda-at-edge", name: evil, errors: 1 })),
    inOrder: Array.from({ length: 50 }, () => ({ domain: evil, port: 443 })),
  });
}

const inputs: Readonly<Record<string, readonly [run: RunReport, own?: Scope]>> = {
  "one origin with names of 253 characters": [
    report([
      broken(names[0] ?? "", { uses: [use("E1", { aliases: names, pathPatterns: names.map((name) => `/${name}`) })] }),
    ]),
  ],
  "twelve of them": [report(names.map((name) => broken(name, { uses: [use("E1", { aliases: [name] })] })))],
  "an origin of 500 distributions": [report([broken("api.example.com", { uses: manyUses })])],
  "500 origins of a distribution each": [
    report(manyUses.map((each, index) => broken(`origin-${index}.example.com`, { uses: [each] }))),
  ],
  "hostile texts of a certificate": [
    report([
      broken("api.example.com", {
        findings: [
          finding("certificate-untrusted", {
            title: evil,
            cause: evil,
            explanation: `${evil} ${evil}`,
            evidence: { seen: [evil], [evil]: evil },
          }),
        ],
        observed: {
          addresses: [address("api.example.com", { chain: [certificate(evil, { issuer: evil, names: [evil] })] })],
        },
      }),
    ]),
  ],
  "hostile texts of a distribution with errors": [report([], { distributionRecords: [hostileErrors("E1EXAMPLE")] })],
  "400 distributions with errors": [
    report([], {
      distributionRecords: manyUses.slice(0, 400).map(({ distributionId }) => hostileErrors(distributionId)),
    }),
  ],
  "an account without a name": [
    report([broken("api.example.com", { uses: [use("E1", { scope: unnamed })] })]),
    unnamed,
  ],
  "an account that is not known": [
    report([broken("api.example.com", { uses: [use("E1", { scope: unknown })] })]),
    unknown,
  ],
};

describe.each(Object.entries(inputs))("of %s", (name, [run, own]) => {
  const all = messages(run, own);

  test("there is a message of each kind", () => {
    expect(all.length).toBeGreaterThanOrEqual(5);
  });

  test.each(all.map((message) => [message.subject.slice(0, 40), message] as const))(
    "%s is one that SNS takes",
    (_, message) => {
      expect(message.subject).toMatch(/^\[[A-Z0-9 ]+\] [\x20-\x7e]{1,99}$/);
      expect(message.subject.length).toBeLessThanOrEqual(99);
      expect(message.short?.length).toBeLessThanOrEqual(113);
      const { MessageAttributes = {}, Message: payload = "" } = publication(message, topicArn);
      const attributes = Object.entries(MessageAttributes).map(
        ([key, value]) => `${key}${value.DataType}${value.StringValue}`,
      );
      expect(Buffer.byteLength(payload + attributes.join(""))).toBeLessThanOrEqual(256 * 1024 - 4096);
      expect(message.text).toMatch(/^Do first:/m);
      expect(message.text).toMatch(/^Origin Watch 0\.1\.0 in eu-west-1/m);
      // As many as it counts: what is forged would be more.
      expect(message.text.match(/^Do first:/gm)?.length).toBe(
        1 + message.text.split(/^\S+:\nCache misses/m).length - 1,
      );
      expect(message.text).not.toContain("https://evil");
      expect(message.text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    },
  );

  test("what is cut is said", () => {
    const [, opened] = all;
    const said: Readonly<Record<string, RegExp>> = {
      "one origin with names of 253 characters": /and \d+ more/,
      "twelve of them": /^\[502\] 12 origins: /,
      "an origin of 500 distributions": /^and 497 more distributions$/m,
      "500 origins of a distribution each": /^Affected, 20 of 500 \(all are in the log\):$/m,
      "hostile texts of a certificate": /CN=x\\u\{d\}\\u\{a\}/,
      "hostile texts of a distribution with errors": /^and 92 more; all are in the log$/m,
      "400 distributions with errors": /^Affected, 20 of 400 \(all are in the log\):$/m,
      "an account without a name": /, account 111122223333$/m,
      "an account that is not known": /^Origin Watch 0\.1\.0 in eu-west-1$/m,
    };
    expect(`${opened?.subject}\n\n${opened?.text}`).toMatch(said[name] ?? /never/);
  });
});
