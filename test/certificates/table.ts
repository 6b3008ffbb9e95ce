import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One case in the committed table: what each judge says. */
export type Row = {
  readonly id: string;
  readonly verdict: string;
  /** `code:effect`, sorted. */
  readonly findings: readonly string[];
  /** `accepts`, or `refuses` and why. */
  readonly openssl: string;
  /** The same; `-` where it cannot be asked, because it goes by the clock. */
  readonly aws: string;
};

export const tableFile = join(import.meta.dirname, "three-judges.tsv");

export function readTable(): readonly Row[] {
  const lines = readFileSync(tableFile, "utf8").trimEnd().split("\n").slice(1);
  return lines.map((line) => {
    const [id = "", verdict = "", findings = "", openssl = "", aws = ""] = line.split("\t");
    return { id, verdict, findings: findings === "" ? [] : findings.split(" "), openssl, aws };
  });
}

export function tableText(rows: readonly Row[]): string {
  const lines = rows.map(({ id, verdict, findings, openssl, aws }) =>
    [id, verdict, findings.join(" "), openssl, aws].join("\t"),
  );
  return [["case", "verdict", "findings", "openssl", "s2n with AWS-LC"].join("\t"), ...lines, ""].join("\n");
}

/** How many of the two libraries refuse a case. */
export function refusals({ openssl, aws }: Row): number {
  return [openssl, aws].filter((word) => word.startsWith("refuses")).length;
}

/** The kind of a case: what stands before the colon. */
export function kindOf({ id }: Pick<Row, "id">): string {
  return id.slice(0, id.indexOf(":"));
}

/** Findings that rest on what AWS writes, whatever any library does. */
export const documentedCodes: ReadonlySet<string> = new Set(["certificate-key-unsupported", "chain-out-of-order"]);
