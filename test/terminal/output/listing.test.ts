import { describe, expect, it } from "vitest";
import { listing } from "../../../bin/terminal/output/listing.ts";
import { address, certificateExpiring, chainIncomplete, connectionRecord, use } from "../../tell/records.ts";

const now = Date.parse("2026-11-23T03:12:00Z");
const how = { quiet: false, sort: "verdict", now, width: null } as const;

function healthy(domain: string, notAfter: string) {
  const seen = address(domain);
  const chain = seen.chain.map((certificate) => ({ ...certificate, notAfter }));
  return connectionRecord(domain, { verdict: "healthy", observed: { addresses: [{ ...seen, chain }] } });
}

const records = [
  healthy("late.example.com", "2027-06-01T00:00:00Z"),
  healthy("soon.example.com", "2026-12-23T03:12:00Z"),
  connectionRecord("risky.example.com", { verdict: "at-risk", findings: [certificateExpiring] }),
  connectionRecord("broken.example.com", { verdict: "failing", findings: [chainIncomplete] }),
];
const failingWith = (title: string) => ({ verdict: "failing", findings: [{ ...chainIncomplete, title }] }) as const;
const lines = (text: string) => text.split("\n");
const domains = (text: string) =>
  lines(text)
    .slice(0, 4)
    .map((line) => /\S+\.example\.com/.exec(line)?.[0]);

describe("listing", () => {
  it("puts the worst first, says what expires next, and counts", () => {
    const text = listing(records, how);
    expect(domains(text)).toEqual(["broken.example.com", "risky.example.com", "late.example.com", "soon.example.com"]);
    expect(lines(text)[3]).toMatch(/^HEALTHY {2}soon\.example\.com:443 +30 d$/);
    expect(text).toContain("\n1 failing, 1 at risk, 0 unknown, 2 healthy, 0 skipped\n");
  });

  it("puts first what expires first, if it is asked to", () => {
    expect(domains(listing(records, { ...how, sort: "expiry" }))[0]).not.toBe("late.example.com");
    const two = records.slice(0, 2);
    expect(listing(two, { ...how, sort: "expiry" })).toMatch(/^HEALTHY {2}soon/);
    expect(listing(two, how)).toContain("next expiry: soon.example.com:443, in 30 days (2026-12-23)");
  });

  it.each([
    ["2026-12-23T03:12:00Z", "30 d", "expires in 30 days (2026-12-23)"],
    ["2026-11-25T03:11:00Z", "47 h", "expires in 47 hours (2026-11-25)"],
    ["2026-11-23T03:00:00Z", "-0 h", "expired 12 minutes ago (2026-11-23)"],
    ["2026-11-21T02:12:00Z", "-2 d", "expired 2 days ago (2026-11-21)"],
  ])("says of a certificate that ends at %s: %s", (notAfter, left, words) => {
    const one = healthy("one.example.com", notAfter);
    const text = listing(
      [one, connectionRecord("skipped.example.com", { verdict: "skipped", observed: { addresses: [] } })],
      how,
    );
    expect(lines(text)[0]).toBe(`HEALTHY  one.example.com:443     ${left.padStart(7)}`);
    expect(text).toContain(`next expiry: one.example.com:443, ${words.replace(/^\w+ /, "")}`);
    expect(listing([one], how)).toBe(`HEALTHY  one.example.com:443, certificate ${words}\n`);
  });

  it("lists a single connection without table and totals, the worst finding first", () => {
    const record = connectionRecord("one.example.com", {
      verdict: "failing",
      findings: [certificateExpiring, chainIncomplete],
    });
    const text = listing([record], how);
    expect(text).toMatch(/^FAILING one\.example\.com:443\n/);
    expect(text).not.toContain("1 failing");
    expect(text.indexOf("chain-incomplete")).toBeLessThan(text.indexOf("certificate-expiring"));
    expect(text.match(/chain-incomplete/g)).toHaveLength(1);
  });

  it("names the worst finding of each connection first, and tells apart those with one place", () => {
    const of = (key: string) =>
      connectionRecord("one.example.com", {
        verdict: "failing",
        findings: [certificateExpiring, chainIncomplete],
        connection: { key: `https://one.example.com:443 sni=one.example.com ${key}` },
        uses: [use("Cdn", { pathPatterns: [], aliases: [] })],
      });
    const text = listing(
      [of("TLSv1.2 ipv4"), of("TLSv1.2 ipv4 alpn=h2"), of("TLSv1,TLSv1.2 ipv4 mtls attempts=1")],
      how,
    );
    expect(
      lines(text)
        .slice(0, 3)
        .map((line) => line.replaceAll(/ {2,}/g, " ").replace(/ -?\d+ d /, " ")),
    ).toEqual([
      "FAILING one.example.com:443 chain-incomplete, certificate-expiring",
      "FAILING one.example.com:443 (HTTP/2) chain-incomplete, certificate-expiring",
      "FAILING one.example.com:443 (TLSv1, client certificate, 1 attempt) chain-incomplete, certificate-expiring",
    ]);
    expect(text).toContain("  used by Cdn\n");
  });

  it("says a cause that 500 connections have once, and what they have beside it", () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      connectionRecord(`a${index}.example.com`, {
        verdict: "failing",
        findings: index === 7 ? [certificateExpiring, chainIncomplete] : [chainIncomplete],
      }),
    );
    const own = connectionRecord("own.example.com", { verdict: "at-risk", findings: [certificateExpiring] });
    const text = listing([...many, own], how);
    expect(text.match(/^FAILING {2}a\d+\./gm)).toHaveLength(500);
    expect(text).toContain(`FAILING 500 connections: ${chainIncomplete.title}\n`);
    expect(text.match(/^ {2}do first: /gm)).toHaveLength(1);
    expect(text).toContain("some of them have more findings: certificate-expiring\n");
    expect(text).toMatch(/a0\.example\.com:443 \(\w+\), .* and 495 more; --json or --report lists all\n/);
    expect(text).toMatch(/^AT RISK own\.example\.com:443$/m);
    expect(lines(text).length).toBeLessThan(700);
    const quiet = listing([...many, own], { ...how, quiet: true });
    expect(quiet).not.toMatch(/^FAILING {2}a/m);
    expect(quiet).toContain("500 failing, 1 at risk");
    expect(lines(quiet).length).toBeLessThan(100);
  });

  it("keeps what only two of many share apart", () => {
    const [some, two] = [
      Array.from({ length: 20 }, (_, index) => connectionRecord(`a${index}.example.com`, failingWith("one cause"))),
      Array.from({ length: 2 }, (_, index) => connectionRecord(`b${index}.example.com`, failingWith("another"))),
    ];
    const text = listing([...some, ...two], how);
    expect(text).toContain("FAILING 20 connections: one cause\n");
    expect(text.match(/^FAILING b\d\.example\.com:443$/gm)).toHaveLength(2);
  });

  it("breaks lines between words for a terminal, with what follows hanging, and never a command", () => {
    const record = connectionRecord("one.example.com", {
      verdict: "failing",
      findings: [chainIncomplete],
      reproduce: `openssl s_client ${"-connect one.example.com:443 ".repeat(5)}`,
    });
    const text = listing([record], { ...how, width: 60 });
    for (const line of lines(text)) {
      if (line.includes(" ", line.search(/\S/)) && !line.startsWith("  verify: ")) {
        expect(line.length).toBeLessThanOrEqual(60);
      }
    }
    expect(text).toMatch(/^ {4}- [^\n]+\n {6}\S/m);
    expect(text).toContain(`  verify: ${record.reproduce}`);
  });

  it("is quiet about what is in order, and silent when all is", () => {
    const text = listing(records, { ...how, quiet: true });
    expect(text).not.toMatch(/^HEALTHY/m);
    expect(text).toMatch(/^FAILING {2}broken/);
    expect(listing(records.slice(0, 2), { ...how, quiet: true })).toBe("");
  });

  it("shortens names in the middle for a terminal, and nowhere else", () => {
    const long = `${"a".repeat(60)}.${"b".repeat(60)}.example.com`;
    const two = [healthy(long, "2027-06-01T00:00:00Z"), healthy("b.example.com", "2027-06-01T00:00:00Z")];
    expect(lines(listing(two, { ...how, width: 80 }))[0]?.length).toBeLessThanOrEqual(80);
    expect(lines(listing(two, { ...how, width: 80 }))[0]).toMatch(/aaa\u2026.*example\.com:443/);
    expect(lines(listing(two, how))[0]).toContain(long);
  });
});
