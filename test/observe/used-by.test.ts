import { describe, expect, it } from "vitest";
import { publicAndUsedBy } from "../../lambda/observe/used-by.ts";
import type { PlannedConnection } from "../../lambda/plan/connection.ts";
import { connection } from "../judge/checked.ts";
import { scope, use } from "../tell/records.ts";

const [own, theirs] = ["111122223333", "444455556666"];

/** @param accounts those whose distributions lead to it */
function planned(key: string, accounts: readonly (string | null)[]): PlannedConnection {
  const uses = accounts.map((accountId) => use("E1", { scope: { ...scope, accountId } }));
  return { kind: "probe", connection: connection({ key, uses }) };
}

describe("the connections that the fixed addresses of a VPC may look at", () => {
  it("are those to which a listed account itself leads, whoever else does", () => {
    const all = [
      planned("own", [own]),
      planned("shared", [theirs, own]),
      planned("theirs", [theirs]),
      planned("nobody's", [null]),
    ];
    expect([...publicAndUsedBy([own], all)]).toEqual(["own", "shared"]);
    expect([...publicAndUsedBy([own, theirs], all)]).toEqual(["own", "shared", "theirs"]);
    expect([...publicAndUsedBy([null], all)]).toEqual([]);
  });

  it("are none that another account chose, be it the same server under another port or name", () => {
    const asTheirs = planned("api.example.com:8443", [theirs]);
    expect(publicAndUsedBy([own], [planned("api.example.com:443", [own]), asTheirs]).has("api.example.com:8443")).toBe(
      false,
    );
  });

  it("are none of VPC origins, and none that nobody tries", () => {
    const [mine] = [planned("own", [own])];
    const inVpc = { vpcId: "vpc-0123456789abcdef0", addresses: ["10.0.0.1"] };
    const inside = { kind: "probe", connection: { ...mine.connection, inVpc } } as unknown as PlannedConnection;
    const skipped = { ...mine, kind: "skipped", reason: "disabled" } as unknown as PlannedConnection;
    expect(publicAndUsedBy([own], [inside, skipped]).size).toBe(0);
  });
});
