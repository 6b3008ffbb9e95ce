import { describe, expect, test } from "vitest";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { incidentRecord } from "../../lambda/telemetry/incident-record.ts";
import { foremostFields, originRecords } from "../../lambda/telemetry/origin-record.ts";
import {
  address,
  certificate,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionTimedOut,
  finding,
  incident,
  report,
  silentAddress,
  use,
} from "../tell/records.ts";

const only = (...records: readonly ConnectionRecord[]) => {
  const found = [...originRecords(report(records))];
  expect(found).toHaveLength(1);
  return found[0]!;
};

describe("originRecords", () => {
  test("tell the worst of an origin's connections, with the finding behind it", () => {
    const good = connectionRecord("api.example.com", { uses: [use("E1"), use("E2")] });
    const bad = connectionRecord("API.example.com", {
      connection: { key: "as www", serverName: "www.example.com" },
      uses: [use("E2"), use("E3")],
      verdict: "failing",
      findings: [finding("chain-superfluous", { effect: "note" }), certificateExpiring, chainIncomplete],
    });
    expect(only(good, bad)).toEqual({
      origin: "api.example.com:443",
      verdict: "failing",
      rank: 1,
      code: "chain-incomplete",
      title: "intermediate certificate missing",
      connections: 2,
      distributions: 3,
      distributionIds: "E1 E2 E3",
      ms: 41,
      notAfter: "2026-12-30T00:00:00Z",
      daysLeft: 36,
      certificate: "CN=api.example.com",
      issuer: "CN=R11, O=Let's Encrypt, C=US",
    });
  });

  test.each([
    ["healthy", 4, "none", "in order", { findings: [finding("origin-unused", { effect: "note" })] }],
    ["skipped", 5, "none", "s3-origin", { skipped: "s3-origin" as const }],
    ["unknown", 3, "connection-timed-out", connectionTimedOut.title, { findings: [connectionTimedOut] }],
    ["at-risk", 2, "certificate-expiring", certificateExpiring.title, { findings: [certificateExpiring] }],
  ] as const)("give a reason with %s too", (verdict, rank, code, title, changes) => {
    expect(only(connectionRecord("a.example.com", { verdict, ...changes }))).toMatchObject({
      verdict,
      rank,
      code,
      title,
    });
  });

  test("take the reason from the connections that have the verdict", () => {
    const skipped = connectionRecord("a.example.com", { verdict: "skipped", skipped: "distribution-disabled" });
    expect(only(skipped, connectionRecord("a.example.com"))).toMatchObject({ verdict: "healthy", title: "in order" });
  });

  test("name the certificate that ends first and the address that took longest", () => {
    const addresses = [
      address("a.example.com", { ms: 12.4, chain: [certificate("late.example.com")] }),
      address("a.example.com", {
        ms: 803.6,
        chain: [
          certificate("soon.example.com", { notAfter: "2026-11-20T00:00:00Z" }),
          certificate("an older issuer", { notAfter: "2020-01-01T00:00:00Z" }),
        ],
      }),
      address("a.example.com", { chain: [certificate("unreadable", { notAfter: "" })] }),
    ];
    expect(only(connectionRecord("a.example.com", { observed: { addresses } }))).toMatchObject({
      ms: 804,
      notAfter: "2026-11-20T00:00:00Z",
      daysLeft: -3,
      certificate: "CN=soon.example.com",
    });
  });

  test("leave out what was not seen", () => {
    const untried = only(connectionRecord("a.example.com", { observed: { addresses: [] } }));
    expect(Object.keys(untried)).not.toContain("ms");
    const observed = { addresses: [silentAddress("connection refused")] };
    expect(Object.keys(only(connectionRecord("a.example.com", { observed })))).not.toContain("notAfter");
  });

  test("are flat, bounded and printable, whatever an origin or a configuration says", () => {
    const hostile = connectionRecord(`evil\u202e\n${"x".repeat(5_000)}.example.com`, {
      verdict: "failing",
      uses: Array.from({ length: 3_000 }, (_, index) => use(`E${index}`)),
      findings: [finding("chain-incomplete", { title: `\u0007${"y".repeat(5_000)}` })],
      observed: { addresses: [address("a", { chain: [certificate(`z\u2028${"z".repeat(5_000)}`)] })] },
    });
    const record = only(hostile);
    expect(record.distributions).toBe(3_000);
    expect(record.distributionIds.split(" ")).toHaveLength(500);
    for (const value of [...Object.values(record), ...Object.values(foremostFields(hostile))]) {
      expect(["string", "number"]).toContain(typeof value);
      expect(String(value)).toMatch(/^[ -~]+$/);
    }
    expect(JSON.stringify(record).length).toBeLessThan(6_000);
  });
});

test("an incident's record names it, its users and since when", () => {
  const told = incident({
    key: `https://api.example.com:443 sni=\u0007${"x".repeat(5_000)}`,
    domain: "API.example.com",
    distributions: ["E1", "E2"],
    distributionCount: 70,
    openedAt: "2026-11-23T00:00:00.000Z",
    tellings: 2,
  });
  const { key, ...record } = incidentRecord({ status: "worsened", incident: told });
  expect(record).toEqual({
    status: "worsened",
    kind: "connection",
    origin: "api.example.com:443",
    code: "chain-incomplete",
    effect: "502",
    title: "intermediate certificate missing",
    openedAt: "2026-11-23T00:00:00.000Z",
    tellings: 2,
    mutedBy: null,
    distributions: 70,
    distributionIds: "E1 E2",
  });
  expect(key).toMatch(/^https:\/\/api\.example\.com:443 sni=\\u\{7\}x+\.\.\.$/);
});

test("an incident's record names the mute that holds it back", () => {
  const held = incident({ mutedBy: `["tag","111122223333","E1\u0007",null,null,"2026-12-01T00:00:00.000Z"]` });
  expect(incidentRecord({ status: "open", incident: held }).mutedBy).toBe(
    '["tag","111122223333","E1\\u{7}",null,null,"2026-12-01T00:00:00.000Z"]',
  );
});
