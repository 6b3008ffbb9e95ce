import type { Scope } from "../../lambda/configuration/scope.ts";
import type { ConnectionRecord, RunAccounts } from "../../lambda/report/record.ts";
import { chainIncomplete, connectionRecord, scope, use } from "../tell/records.ts";

/** An account that has more to remember than fits, and one beside it. */
export const full: Scope = scope;
export const neighbour: Scope = { accountId: "444455556666", accountName: null, partition: "aws" };

export const accounts: RunAccounts = {
  watched: [full, neighbour],
  read: 2,
  unread: [],
  listedBefore: [full.accountId ?? "", neighbour.accountId ?? ""],
  isComplete: true,
};

const label = "x".repeat(60);
const fifty = Array.from({ length: 50 }, (_, index) => use(`E${"X".repeat(12)}${index}`, { scope: full }));

/** Failing connections of the full account, each with as much to remember of it as there can be. */
export function largest(count: number): readonly ConnectionRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const domain = `${String(index).padStart(5, "0")}.${[label, label, label].join(".")}.example.com`;
    return connectionRecord(domain, {
      uses: fifty,
      connection: { key: `https://${domain}:443 sni=${domain} TLSv1.2 ipv4` },
      verdict: "failing",
      findings: [{ ...chainIncomplete, title: "x".repeat(300) }],
    });
  });
}
