import { describe, expect, test } from "vitest";
import { fittingRecord } from "../../lambda/report/fitting-record.ts";
import { visibleJsonLine } from "../../lambda/text/json-line.ts";
import { address, certificate, chainIncomplete, connectionRecord, finding, use } from "../tell/records.ts";

const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const text = (length: number) => "x".repeat(length);

const maxBytes = 200 * 1024;

describe("fittingRecord", () => {
  const record = connectionRecord("api.example.com", {
    verdict: "failing",
    findings: [chainIncomplete, finding("certificate-expired")],
  });

  test("leaves a record of the usual size as it is", () => {
    expect(fittingRecord(record, maxBytes)).toBe(record);
  });

  test("drops evidence first, and counts it", () => {
    const large = {
      ...record,
      findings: [{ ...chainIncomplete, evidence: { seen: text(300_000) } }, finding("chain-superfluous")],
    };
    const fitting = fittingRecord(large, maxBytes);
    expect(fitting.findings.map(({ evidence }) => evidence)).toEqual([{}, {}]);
    expect(fitting.leftOut).toEqual({ evidence: 1 });
    expect(fitting.uses).toEqual(record.uses);
  });

  test("drops uses from the last one on when that is not enough", () => {
    const large = { ...record, uses: Array.from({ length: 2_000 }, (_, index) => use(`E${index}`)) };
    const fitting = fittingRecord(large, maxBytes);
    expect(fitting.uses[0]).toEqual(large.uses[0]);
    expect(fitting.leftOut).toEqual({ evidence: 1, uses: 2_000 - fitting.uses.length });
    expect(fitting.findings).toHaveLength(2);
    expect(sizeOf(fitting)).toBeLessThanOrEqual(maxBytes);
  });

  test("counts bytes as a log has them, where some characters take more", () => {
    const uses = Array.from({ length: 500 }, () => use("E1", { comment: "#".repeat(2_000) }));
    const fitting = fittingRecord({ ...record, uses }, maxBytes);
    expect(Buffer.byteLength(visibleJsonLine(fitting))).toBeLessThanOrEqual(maxBytes);
    expect(fitting.uses.length).toBeGreaterThan(0);
    expect(fitting.leftOut?.uses).toBe(500 - fitting.uses.length);
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
    const fitting = fittingRecord(large, maxBytes);
    expect(sizeOf(fitting)).toBeLessThanOrEqual(maxBytes);
    expect(fitting).toMatchObject({ verdict: "failing", connection: record.connection, reproduce: record.reproduce });
    expect(fitting.leftOut?.certificateNames).toBe(64 * 8 * 4_990);
    expect(fitting.findings.length + (fitting.leftOut?.findings ?? 0)).toBe(500);
    expect(fitting.observed.addresses.length + (fitting.leftOut?.addresses ?? 0)).toBe(64);
    expect(fitting.findings.length).toBeGreaterThan(0);
  });
});
