import { describe, expect, it } from "vitest";
import { listing } from "../../../bin/terminal/output/listing.ts";
import { address, certificateExpiring, chainIncomplete, connectionRecord } from "../../tell/records.ts";

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
    ["2026-12-23T03:12:00Z", "30 d", "in 30 days (2026-12-23)"],
    ["2026-11-25T03:11:00Z", "47 h", "in 47 hours (2026-11-25)"],
    ["2026-11-23T03:00:00Z", "-0 h", "12 minutes ago (2026-11-23)"],
    ["2026-11-21T02:12:00Z", "-2 d", "2 days ago (2026-11-21)"],
  ])("says of a certificate that ends at %s: %s", (notAfter, left, words) => {
    const text = listing([healthy("one.example.com", notAfter)], how);
    expect(lines(text)[0]).toBe(`HEALTHY  one.example.com:443 ${left.padStart(7)}`);
    expect(text).toContain(`next expiry: one.example.com:443, ${words}`);
  });

  it("is quiet about what is in order, and silent when all is", () => {
    const text = listing(records, { ...how, quiet: true });
    expect(text).not.toMatch(/^HEALTHY/m);
    expect(text).toMatch(/^FAILING {2}broken/);
    expect(listing(records.slice(0, 2), { ...how, quiet: true })).toBe("");
  });

  it("shortens names in the middle for a terminal, and nowhere else", () => {
    const long = `${"a".repeat(60)}.${"b".repeat(60)}.example.com`;
    const [record] = [healthy(long, "2027-06-01T00:00:00Z")];
    expect(lines(listing([record], { ...how, width: 80 }))[0]?.length).toBeLessThanOrEqual(80);
    expect(lines(listing([record], { ...how, width: 80 }))[0]).toMatch(/aaa\u2026.*example\.com:443/);
    expect(lines(listing([record], how))[0]).toContain(long);
  });
});
