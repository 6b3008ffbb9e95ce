import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { step } from "../../lambda/incidents/step.ts";
import { consoleLinks } from "../../lambda/tell/console-links.ts";
import { inOrderLines } from "../../lambda/tell/in-order.ts";
import { changeMessage, maxBodyBytes } from "../../lambda/tell/message.ts";
import { duration, enumerated } from "../../lambda/tell/phrase.ts";
import type { ConnectionRecord, RunReport } from "../../lambda/tell/record.ts";
import {
  address,
  certificate,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionTimedOut,
  finding,
  logGroup,
  report,
  runTime,
  silentAddress,
  topicArn,
  use,
} from "./records.ts";

const now = new Date(runTime);

function body(run: RunReport, before: RunReport | null = null): string {
  const previous = before === null ? null : step(null, before, new Date("2026-11-20T00:00:00Z")).next;
  const { change } = step(previous, run, now);
  return changeMessage(change!, run, { topicArn, logGroup }, []).body;
}

function broken(domain: string, changes: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return connectionRecord(domain, { verdict: "failing", findings: [chainIncomplete], ...changes });
}

describe("changeMessage", () => {
  test("lists every distribution, path and alias, however many", () => {
    const uses = Array.from({ length: 20 }, (_, index) =>
      use(`E${index}`, {
        pathPatterns: [`/path-${index}-a/*`, `/path-${index}-b/*`],
        aliases: [`site-${index}.example.com`],
      }),
    );
    const text = body(report([broken("api.example.com", { uses })]));
    expect(text).toContain("The same holds for 17 more distributions, listed below.");
    for (const { distributionId, pathPatterns, aliases } of uses) {
      expect(text).toContain(`/distributions/${distributionId}\n`);
      for (const name of [...pathPatterns, ...aliases]) expect(text).toContain(name);
    }
  });

  test("tells the findings of an origin's connections once, with all server names", () => {
    const records = ["www", "shop", "blog"].map((name) =>
      broken("alb.example.com", {
        connection: { ...broken("alb.example.com").connection, key: name, serverName: `${name}.example.com` },
      }),
    );
    const text = body(report(records));
    expect(text.match(/Why/g)).toHaveLength(1);
    expect(text).toContain("Server name: www.example.com, shop.example.com and blog.example.com");
  });

  test("says since when a risk has been an error", () => {
    const risk = broken("api.example.com", { verdict: "at-risk", findings: [{ ...chainIncomplete, effect: "may" }] });
    expect(body(report([broken("api.example.com")]), report([risk]))).toContain(
      "First seen: as a risk 2026-11-20 00:00 UTC, as an error in this run",
    );
  });

  test("marks what of a broken origin was told before", () => {
    const more = broken("api.example.com", { findings: [certificateExpiring, chainIncomplete] });
    const before = broken("api.example.com", { verdict: "at-risk", findings: [certificateExpiring] });
    const text = body(report([more]), report([before]));
    expect(text).toMatch(/Why \(1 of 2\): certificate chain incomplete\n(?!.*Told before)/);
    expect(text).toMatch(
      /Why \(2 of 2\): certificate expires in 6 days\n.*\nTold before, first seen 2026-11-20 00:00 UTC\./,
    );
  });

  test("does not tell of findings that did not make the difference as if they were open", () => {
    const noted = broken("api.example.com", {
      findings: [
        chainIncomplete,
        finding("chain-superfluous", { effect: "note", title: "certificates sent that are not needed" }),
      ],
    });
    const text = body(report([noted]));
    expect(text).not.toContain("Why (");
    expect(text).toContain("Noted as well, without effect on the verdict:\ncertificates sent that are not needed");
  });

  test("tells how an origin got out of sight", () => {
    const before = report([broken("api.example.com")]);
    const disabled = connectionRecord("api.example.com", { verdict: "skipped", skipped: "distribution-disabled" });
    expect(body(report([disabled]), before)).toContain("The distribution is disabled.");
    const elsewhere = connectionRecord("api.example.com", {
      connection: { key: "other" },
      verdict: "unknown",
      findings: [connectionTimedOut],
    });
    const text = body(report([elsewhere]), before);
    expect(text).toContain("CloudFront no longer connects in the way that failed: the configuration was changed.");
    expect(text).toContain("How it is now could not be checked.");
  });

  test("leaves out the least important first, and says how much and where it is", () => {
    const wide = Array.from({ length: 2_000 }, (_, index) =>
      broken(`origin-${index}.${"long-label-".repeat(12)}example.com`, { uses: [use(`E${index}`)] }),
    );
    const unknown = Array.from({ length: 500 }, (_, index) =>
      connectionRecord(`unknown-${index}.example.com`, { verdict: "unknown", findings: [connectionTimedOut] }),
    );
    const text = body(report([...wide, ...unknown]));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBodyBytes);
    expect(Buffer.byteLength(text)).toBeGreaterThan(maxBodyBytes * 0.95);
    expect(text).toContain("1 of 2000: origin-0.");
    expect(text).toContain("10 of 2000: ");
    expect(text).toContain("and 500 more, left out here for size; all are in the log");
    expect(text).toMatch(/and \d+ more, left out here for size; all are in the log\n\nCould not be checked/);
    expect(text).toContain(`Log group: ${logGroup}`);
  });

  test("stays within the limit and on its lines, whatever the text and however much", () => {
    const long = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.constant("\n\nFixed:\nall is well\n".repeat(500)),
      fc.constant("\u{1f642}".repeat(5_000)),
      fc.constant("\u0000".repeat(5_000)),
    );
    const hostile = fc
      .record({
        text: long,
        uses: fc.constantFrom(1, 60),
        findings: fc.constantFrom(1, 40),
        records: fc.constantFrom(1, 30),
      })
      .map(({ text, uses, findings, records }) =>
        report(
          Array.from({ length: records }, (_, index) =>
            broken(`${index}${text}`, {
              uses: Array.from({ length: uses }, (_, use_) =>
                use(`E${use_}${text}`, {
                  aliases: Array(50).fill(text),
                  comment: text,
                  pathPatterns: Array(50).fill(text),
                }),
              ),
              findings: Array.from({ length: findings }, (_, n) =>
                finding(`code-${n}`, {
                  title: text,
                  explanation: text,
                  remedy: Array(30).fill(text),
                  evidence: { [text]: Array(30).fill(text), deep: { a: { b: { c: { d: text } } } } },
                }),
              ),
              observed: { addresses: Array(20).fill(address(text, { chain: [certificate(text)] })) },
              reproduce: text,
            }),
          ),
          { problems: [{ code: "out-of-time", message: text, remedy: text }] },
        ),
      );
    fc.assert(
      fc.property(hostile, (run) => {
        const text = body(run);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBodyBytes);
        expect(text.isWellFormed()).toBe(true);
        expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(text).not.toContain("\nall is well\n");
      }),
      { numRuns: 6 },
    );
  });
});

describe("inOrderLines", () => {
  const at = runTime;
  test("lists what an observation shows, and groups addresses that agree", () => {
    const record = connectionRecord("api.example.com", {
      observed: {
        addresses: [address("api.example.com"), address("api.example.com", { address: "203.0.113.8", ms: 99 })],
      },
    });
    expect(inOrderLines(record, at)).toEqual([
      "203.0.113.7 and 203.0.113.8: port 443 accepts connections; TLSv1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 agreed; the certificate covers api.example.com; the certificate is valid until 2026-12-30; no fault in the 1 certificate sent.",
    ]);
  });

  test("claims nothing where nothing was seen", () => {
    const refused = broken("api.example.com", { observed: { addresses: [silentAddress("connection refused")] } });
    expect(inOrderLines(refused, at)).toEqual([]);
  });

  test.each<[string, Partial<ConnectionRecord>, RegExp]>([
    ["a name that is not there", { observed: { addresses: [address("other.example.com")] } }, /covers/],
    [
      "a name under a wildcard of another level",
      {
        observed: {
          addresses: [address("x", { chain: [certificate("x", { names: ["*.com", "*.api.example.com"] })] })],
        },
      },
      /covers/,
    ],
    [
      "a certificate that is over",
      {
        observed: {
          addresses: [
            address("api.example.com", {
              chain: [certificate("api.example.com", { notAfter: "2026-11-23T03:12:40Z" })],
            }),
          ],
        },
      },
      /valid until/,
    ],
    ["a chain with a finding", { findings: [chainIncomplete] }, /no fault/],
    ["a chain with a finding for all addresses", { findings: [{ ...chainIncomplete, address: null }] }, /no fault/],
    ["dates with a finding", { findings: [certificateExpiring] }, /valid until/],
    ["a handshake with a finding", { findings: [finding("client-certificate-required")] }, /agreed/],
  ])("does not praise %s", (_, changes, praise) => {
    const lines = inOrderLines(broken("api.example.com", { findings: [], ...changes }), at);
    expect(lines.join()).toContain("port 443 accepts connections");
    expect(lines.join()).not.toMatch(praise);
  });

  test("accepts a wildcard for one label, and praises an address that another's finding does not concern", () => {
    const record = broken("api.example.com", {
      findings: [{ ...chainIncomplete, address: "203.0.113.8" }],
      observed: { addresses: [address("x", { chain: [certificate("x", { names: ["*.EXAMPLE.com"] })] })] },
    });
    expect(inOrderLines(record, at).join()).toMatch(/covers api\.example\.com.*no fault/);
  });
});

describe("consoleLinks", () => {
  test.each([
    [
      "arn:aws:sns:eu-west-1:111122223333:t",
      "https://console.aws.amazon.com/cloudfront/v4/home?region=eu-west-1#/distributions/E1",
    ],
    [
      "arn:aws-cn:sns:cn-north-1:111122223333:t",
      "https://console.amazonaws.cn/cloudfront/v4/home?region=cn-north-1#/distributions/E1",
    ],
    [
      "arn:aws-us-gov:sns:us-gov-west-1:111122223333:t",
      "https://console.amazonaws-us-gov.com/cloudfront/v4/home?region=us-gov-west-1#/distributions/E1",
    ],
    ["arn:aws-iso:sns:us-iso-east-1:111122223333:t", null],
    ["not an ARN", null],
  ])("fits the partition of %s", (arn, link) => {
    expect(consoleLinks(arn).distribution("E1")).toBe(link);
  });

  test("encodes names for the console", () => {
    expect(consoleLinks(topicArn).logGroup("/aws/lambda/a b")).toBe(
      "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fa$2520b",
    );
  });
});

describe("phrases", () => {
  test.each([
    ["2026-11-23T03:12:30Z", "less than a minute"],
    ["2026-11-23T02:30:40Z", "42 min"],
    ["2026-11-23T00:00:00Z", "3 h 12 min"],
    ["2026-11-22T03:12:00Z", "1 day"],
    ["2026-11-20T01:00:00Z", "3 days 2 h"],
    ["nonsense", "less than a minute"],
  ])("gives the time since %s in two units", (from, expected) => {
    expect(duration(from, runTime)).toBe(expected);
  });

  test("counts what a list leaves out", () => {
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]].map((items) => enumerated(items, 3))).toEqual(
      ["", "a", "a and b", "a, b and c", "a, b, c and 1 more"],
    );
  });
});
