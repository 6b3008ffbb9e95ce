import { describe, expect, test } from "vitest";
import { logRecord, maxLogRecordBytes } from "../../lambda/telemetry/log-record.ts";
import { address, certificate, chainIncomplete, connectionRecord, finding, use } from "../tell/records.ts";

const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const text = (length: number) => "x".repeat(length);

describe("logRecord", () => {
  const record = connectionRecord("api.example.com", {
    verdict: "failing",
    findings: [chainIncomplete, finding("certificate-expired")],
  });

  test("leaves a record of the usual size as it is", () => {
    expect(logRecord(record)).toBe(record);
  });

  test("drops evidence first, and counts it", () => {
    const large = {
      ...record,
      findings: [{ ...chainIncomplete, evidence: { seen: text(300_000) } }, finding("other")],
    };
    const logged = logRecord(large);
    expect(logged.findings.map(({ evidence }) => evidence)).toEqual([{}, {}]);
    expect(logged.leftOut).toEqual({ evidence: 1 });
    expect(logged.uses).toEqual(record.uses);
  });

  test("drops uses from the last one on when that is not enough", () => {
    const large = { ...record, uses: Array.from({ length: 2_000 }, (_, index) => use(`E${index}`)) };
    const logged = logRecord(large);
    expect(logged.uses[0]).toEqual(large.uses[0]);
    expect(logged.leftOut).toEqual({ evidence: 1, uses: 2_000 - logged.uses.length });
    expect(logged.findings).toHaveLength(2);
    expect(sizeOf(logged)).toBeLessThanOrEqual(maxLogRecordBytes);
  });

  test("fits whatever is large", () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `name-${index}.example.com`);
    const large = {
      ...record,
      uses: Array.from({ length: 2_000 }, (_, index) => use(`E${index}`)),
      findings: Array.from({ length: 500 }, () => finding("chain-incomplete", { explanation: text(1_000) })),
      observed: {
        addresses: Array.from({ length: 64 }, () =>
          address("x", { chain: Array(8).fill(certificate("x", { names, issuer: text(900) })) }),
        ),
      },
    };
    const logged = logRecord(large);
    expect(sizeOf(logged)).toBeLessThanOrEqual(maxLogRecordBytes);
    expect(logged).toMatchObject({ verdict: "failing", connection: record.connection, reproduce: record.reproduce });
    expect(logged.leftOut?.certificateNames).toBe(64 * 8 * 4_990);
    expect(logged.findings.length + (logged.leftOut?.findings ?? 0)).toBe(500);
    expect(logged.observed.addresses.length + (logged.leftOut?.addresses ?? 0)).toBe(64);
    expect(logged.findings.length).toBeGreaterThan(0);
  });
});
