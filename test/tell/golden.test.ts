import { expect, test } from "vitest";
import type { State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import { changeMessage, lateMessage, type MessageContext } from "../../lambda/tell/message.ts";
import type { RunReport } from "../../lambda/tell/record.ts";
import {
  address,
  certificate,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionRefused,
  connectionTimedOut,
  finding,
  logGroup,
  report,
  runTime,
  silentAddress,
  topicArn,
  use,
} from "./records.ts";

/** Each file in golden/ is a whole message as somebody on call would get it. Read it when it changes. */
async function expectMessage(
  name: string,
  previous: State | null,
  run: RunReport,
  { context = { topicArn, logGroup }, remarks = [] }: { context?: MessageContext; remarks?: readonly string[] } = {},
): Promise<void> {
  const { change } = step(previous, run, new Date(run.finishedAt));
  const { subject, body } = changeMessage(change!, run, context, remarks);
  await expect(`Subject: ${subject}\n\n${body}`).toMatchFileSnapshot(`golden/${name}.txt`);
}

/** The state after a run in which these records were told, some hours before. */
function told(run: RunReport, at = "2026-11-23T00:00:00.000Z"): State {
  return step(null, run, new Date(at)).next;
}

const healthyShop = connectionRecord("shop.example.com", { uses: [use("E3SHOP", { pathPatterns: ["/cart/*"] })] });
const brokenApi = connectionRecord("api.example.com", {
  verdict: "failing",
  uses: [
    use("E1EXAMPLE", { comment: "Shop, production" }),
    use("E2EXAMPLE", { pathPatterns: ["*"], aliases: [], distributionDomain: "d111111abcdef8.cloudfront.net" }),
  ],
  findings: [chainIncomplete],
});
const expiringShop = connectionRecord("shop.example.com", {
  verdict: "at-risk",
  uses: [use("E3SHOP", { pathPatterns: ["/cart/*", "/checkout/*"], aliases: ["shop.example.com", "example.com"] })],
  findings: [certificateExpiring],
  observed: {
    addresses: [address("shop.example.com", { chain: [certificate("shop.example.com"), certificate("R11")] })],
  },
});
const unknownVpc = connectionRecord("internal-alb.example.com", {
  verdict: "unknown",
  findings: [
    finding("vpc-origin", { effect: "unseen", address: null, title: "VPC origin: cannot be reached from here" }),
  ],
  observed: { addresses: [] },
  reproduce: null,
});

test("one origin breaks for two distributions", async () => {
  await expectMessage("one-origin", told(report([healthyShop])), report([brokenApi, healthyShop, unknownVpc]));
});

test("one origin is at risk", async () => {
  await expectMessage("at-risk", null, report([expiringShop]));
});

test("several origins break, one of them for several reasons", async () => {
  const half = connectionRecord("img.example.com", {
    verdict: "at-risk",
    uses: [
      use("E4IMG", {
        aliases: ["img.example.com"],
        group: { id: "images", role: "primary" },
        failover: {
          statusCodes: [500, 502, 503],
          methods: ["GET", "HEAD"],
          otherMethods: ["POST"],
          secondaryOriginIds: ["spare"],
        },
      }),
    ],
    findings: [
      finding("some-addresses-failing", {
        effect: "may",
        address: null,
        title: "1 of 2 addresses fails",
        explanation:
          "CloudFront uses one of the addresses for each connection. Cache misses that go to 203.0.113.8 get an error, the others do not.",
        remedy: ["Repair the addresses named below, or take them out of DNS until they work."],
        evidence: {
          expected: "2 working addresses",
          seen: [{ address: "203.0.113.8", codes: ["connection-refused"] }],
        },
      }),
      { ...connectionRefused, effect: "may", address: "203.0.113.8" },
    ],
    observed: {
      addresses: [address("img.example.com"), silentAddress("connection refused", { address: "203.0.113.8" })],
    },
  });
  const expired = finding("certificate-expired", {
    title: "certificate expired 2 days ago",
    explanation: "The certificate CN=api.example.com was valid until 2026-11-21 00:00 UTC.",
    remedy: ["Renew the certificate, and make the server load the new one."],
    evidence: { expected: "a certificate that is valid now", seen: "notAfter 2026-11-21T00:00:00Z" },
  });
  const refusedLegacy = connectionRecord("legacy.example.com", {
    connection: { port: 8443 },
    verdict: "failing",
    uses: [use("E5OLD", { aliases: [], pathPatterns: ["*"], group: { id: "ha", role: "secondary" } })],
    findings: [{ ...connectionRefused, title: "port 8443 refuses connections" }],
    observed: { addresses: [silentAddress("connection refused")] },
  });
  const forwarded = { key: "api.example.com:443 www", serverName: "www.example.com" };
  const run = report([
    { ...brokenApi, findings: [chainIncomplete, expired] },
    connectionRecord("api.example.com", {
      connection: { ...forwarded, acceptedNames: ["www.example.com", "api.example.com"] },
      verdict: "failing",
      uses: [use("E1EXAMPLE", { pathPatterns: ["/v2/*"] })],
      findings: [chainIncomplete],
    }),
    half,
    expiringShop,
    refusedLegacy,
    unknownVpc,
    connectionRecord("closed.example.com", {
      verdict: "unknown",
      findings: [connectionTimedOut],
      observed: { addresses: [silentAddress("no answer")] },
    }),
  ]);
  await expectMessage("several-origins", told(report([expiringShop]), "2026-11-20T10:00:00Z"), run);
});

test("one origin is fixed, another still fails", async () => {
  const stillRefused = connectionRecord("legacy.example.com", {
    verdict: "failing",
    findings: [connectionRefused],
    observed: { addresses: [silentAddress("connection refused")] },
  });
  const before = told(report([brokenApi, stillRefused]));
  const fixed = connectionRecord("api.example.com", {
    uses: brokenApi.uses,
    observed: {
      addresses: [address("api.example.com", { chain: [certificate("api.example.com"), certificate("R11")] })],
    },
  });
  await expectMessage("fixed", before, report([fixed, stillRefused]));
});

test("an origin is gone from the configuration", async () => {
  await expectMessage("closed", told(report([brokenApi])), report([healthyShop]));
});

test("the very first run cannot list the distributions", async () => {
  const run = report([], {
    problems: [
      {
        code: "inventory-failed",
        message:
          "CloudFront would not list the distributions: access denied (cloudfront:ListDistributions). No origin was checked.",
        remedy: "Allow cloudfront:ListDistributions to the function's role.",
      },
    ],
  });
  await expectMessage("inventory-failed", null, run, {
    context: { topicArn: "arn:aws-cn:sns:cn-north-1:111122223333:origin-watch", logGroup },
  });
});

test("an incomplete run finds a broken origin, and cannot look at one that failed before", async () => {
  const lost = connectionRecord("legacy.example.com", { verdict: "failing", findings: [connectionRefused] });
  const run = report([brokenApi], {
    problems: [
      {
        code: "distribution-unreadable",
        message: "The settings of distribution E5OLD could not be understood. Its origins were not checked.",
        remedy: "Report this with the log record of the run.",
      },
    ],
  });
  await expectMessage("incomplete-run", told(report([lost])), run, {
    context: { topicArn: "arn:aws-us-gov:sns:us-gov-west-1:111122223333:origin-watch", logGroup: null },
    remarks: ["That this message was sent could not be recorded. The next run may send it again."],
  });
});

test("40 origins break at once", async () => {
  const records = Array.from({ length: 40 }, (_, index) =>
    connectionRecord(`origin-${index + 1}.example.com`, {
      verdict: "failing",
      uses: [use(`E${index + 1}`, { aliases: [`site-${index + 1}.example.com`] })],
      findings: [connectionRefused],
      observed: { addresses: [silentAddress("connection refused")] },
    }),
  );
  await expectMessage("digest", null, report(records));
});

test("text from an origin cannot forge lines or hide itself", async () => {
  const hostile = "certificate is not for api.example.com\r\n\r\nAll origins are healthy.\u202e\u200b\ud800";
  const record = connectionRecord("api.example.com", {
    verdict: "failing",
    uses: [use("E1EXAMPLE", { comment: "line\nbreak", pathPatterns: ["/a\nb/*"] })],
    findings: [
      finding("certificate-name-mismatch", { title: hostile, evidence: { seen: [hostile], "new\nline": hostile } }),
    ],
  });
  await expectMessage("hostile-text", null, report([record]));
});

test("a message that was left behind says so", async () => {
  const { change } = step(null, report([expiringShop]), new Date(runTime));
  const message = changeMessage(change!, report([expiringShop]), { topicArn, logGroup }, []);
  const late = lateMessage({ id: "run-1", createdAt: "2026-11-22T21:12:40.000Z", ...message });
  expect(late.subject).toBe(message.subject);
  expect(late.body.split("\n\n")[0]).toBe(
    "This message was written 2026-11-22 21:12 UTC and is not known to have been sent, so it may be a repetition.",
  );
});
