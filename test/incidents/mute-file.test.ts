import { describe, expect, test } from "vitest";
import {
  claimsOf,
  emptyMuteFile,
  type MuteEntry,
  maxMuteFileBytes,
  mostMuteEntries,
  muteFileProblem,
  muteFileUnreadable,
  parseMuteFile,
  serializeMuteFile,
} from "../../lambda/incidents/mute-file.ts";
import { mutesInForce } from "../../lambda/incidents/mutes-in-force.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import { runTime, scope } from "../tell/records.ts";

const now = new Date(runTime);
const iso = (ms: number) => new Date(now.getTime() + ms).toISOString();
const entry: MuteEntry = {
  source: "terminal",
  account: "111122223333",
  distribution: null,
  origin: "api.example.com",
  code: null,
  until: iso(4 * hourMs),
  reason: "works on it",
  by: "arn:aws:iam::111122223333:user/alice",
  createdAt: runTime,
};
const fileWith = (...mutes: readonly object[]) => JSON.stringify({ schemaVersion: 1, mutes });

describe("mutes.json", () => {
  test("is read as it is written", () => {
    const file = { ...emptyMuteFile, mutes: [entry, { ...entry, distribution: "E1", code: "chain-incomplete" }] };
    expect(parseMuteFile(serializeMuteFile(file))).toEqual({ kind: "mutes", file });
    expect(muteFileProblem(file)).toBeNull();
  });

  test.each([
    ["nothing", ""],
    ["garbage", "\u0000\ufffd{"],
    ["null", "null"],
    ["a list", "[]"],
    ["a later version", JSON.stringify({ schemaVersion: 2, mutes: [] })],
    ["more than is known", JSON.stringify({ schemaVersion: 1, mutes: [], more: true })],
    ["an entry with more than is known", fileWith({ ...entry, more: true })],
    ["no account", fileWith({ ...entry, account: null })],
    ["a code alone", fileWith({ ...entry, origin: null, code: "chain-incomplete" })],
    ["a source that is none of it", fileWith({ ...entry, source: "setting" })],
    ["a day in place of a moment", fileWith({ ...entry, until: "2026-12-31" })],
    ["an emoji in place of an origin", fileWith({ ...entry, origin: "\u{1f4a4}" })],
    ["a reason of two lines", fileWith({ ...entry, reason: "a\nb" })],
    ["too many", fileWith(...Array.from({ length: mostMuteEntries + 1 }, () => entry))],
    ["too much", " ".repeat(maxMuteFileBytes) + fileWith()],
    ["a prototype", '{"schemaVersion":1,"mutes":[{"__proto__":{}}]}'],
  ])("mutes nothing where it has %s", (_, text) => {
    const parsed = parseMuteFile(text);
    expect(parsed).toEqual({ kind: "unreadable", problem: expect.any(String) });
  });

  test("is not repeated in the problem that tells of it", () => {
    const parsed = parseMuteFile(fileWith({ ...entry, reason: "SECRET\n", SECRET: "SECRET" }));
    expect(JSON.stringify(parsed)).not.toContain("SECRET");
    const problem = muteFileUnreadable("s3://b/mutes.json", "\u202eit is not JSON", scope);
    expect(problem).toMatchObject({ code: "mutes-unreadable", scope, message: expect.stringContaining("\\u{202e}") });
  });

  test("mutes nothing by an entry of the future", () => {
    const file = { ...emptyMuteFile, mutes: [entry, { ...entry, createdAt: iso(2 * hourMs) }] };
    const { createdAt: _, ...claim } = entry;
    expect(claimsOf(file, now)).toEqual({ claims: [claim], future: 1 });
  });

  test("mutes for 30 days at most, and a week from the board, whatever it says", () => {
    const until = iso(400 * dayMs);
    const mutes = [
      { ...entry, until },
      { ...entry, until, source: "board" as const },
    ];
    const { claims } = claimsOf({ ...emptyMuteFile, mutes }, now);
    const asked = { claims, tagsReadOf: new Set<string>(), fileRead: true };
    const first = mutesInForce([], asked, [], now);
    expect(first.inForce.map((mute) => [mute.source, mute.until])).toEqual([
      ["terminal", iso(30 * dayMs)],
      ["board", iso(7 * dayMs)],
    ]);
    // What was seen stays seen where the object cannot be read, and is over where it no longer asks for it.
    const unread = mutesInForce([], { ...asked, claims: [], fileRead: false }, first.kept, now);
    expect(unread).toEqual({ inForce: [], kept: first.kept });
    expect(mutesInForce([], { ...asked, claims: [] }, first.kept, now).kept).toEqual([]);
  });

  test("says why it cannot take more", () => {
    const mutes = Array.from({ length: mostMuteEntries + 1 }, () => entry);
    expect(muteFileProblem({ ...emptyMuteFile, mutes })).toBe("there are 200 mutes already");
    expect(muteFileProblem({ ...emptyMuteFile, mutes: [{ ...entry, reason: "" }] })).toContain("reason");
  });
});
