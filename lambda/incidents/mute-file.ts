import * as v from "valibot";
import type { Scope } from "../configuration/scope.ts";
import type { RunProblem } from "../report/record.ts";
import { hourMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import type { MuteClaim } from "./mute-claim.ts";

/** The mutes that were asked for in a terminal or on the board: what `mutes.json` in the state bucket holds. */
export type MuteFile = { readonly schemaVersion: 1; readonly mutes: readonly MuteEntry[] };

export type MuteEntry = Omit<MuteClaim, "source" | "account" | "by"> & {
  readonly source: "terminal" | "board";
  /** Twelve digits. */
  readonly account: string;
  /** Who asked for it, as they say themselves. */
  readonly by: string;
  /** ISO 8601: when, by their own clock. */
  readonly createdAt: string;
};

export type ParsedMuteFile =
  | { readonly kind: "mutes"; readonly file: MuteFile }
  /** Somebody else wrote it, or a later version. */
  | { readonly kind: "unreadable"; readonly problem: string };

export const emptyMuteFile: MuteFile = { schemaVersion: 1, mutes: [] };

/** A larger object was not written by us, and is not read. */
export const maxMuteFileBytes = 64 * 1024;
/** As many as fit into that with room for names. */
export const mostMuteEntries = 200;
/** Clocks of people's machines differ; what was made later than that was not made. */
const clockTolerance = hourMs;

/** Reads the object. What is not of the form that `serializeMuteFile` gives it mutes nothing, and is never guessed at. */
export function parseMuteFile(text: string): ParsedMuteFile {
  if (Buffer.byteLength(text) > maxMuteFileBytes) return unreadable(`it is larger than ${maxMuteFileBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unreadable("it is not JSON");
  }
  const parsed = v.safeParse(fileSchema, json, { abortEarly: true });
  if (parsed.success) return { kind: "mutes", file: parsed.output };
  const [issue] = parsed.issues;
  // What was found is somebody else's text, and is not repeated.
  return unreadable(`${v.getDotPath(issue) ?? "the object"} is not what this version writes`);
}

export function serializeMuteFile(file: MuteFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Why a file could not be kept as it is, in words; null where it can. */
export function muteFileProblem(file: MuteFile): string | null {
  if (file.mutes.length > mostMuteEntries) return `there are ${mostMuteEntries} mutes already`;
  const parsed = parseMuteFile(serializeMuteFile(file));
  return parsed.kind === "mutes" ? null : parsed.problem;
}

/** What a run takes from the object: claims, and how many entries mute nothing because they are of the future. */
export function claimsOf(
  { mutes }: MuteFile,
  now: Date,
): { readonly claims: readonly MuteClaim[]; readonly future: number } {
  const past = mutes.filter(({ createdAt }) => Date.parse(createdAt) <= now.getTime() + clockTolerance);
  const claims = past.map((mute): MuteClaim => {
    const { createdAt: _, ...claim } = mute;
    return claim;
  });
  return { claims, future: mutes.length - past.length };
}

/** The problem of a run that what was asked for in the object does not mute. */
export function muteFileUnreadable(location: string, reason: string, scope: Scope): RunProblem {
  return {
    code: "mutes-unreadable",
    message: `The mutes in ${location} do not hold: ${printable(reason, 300)}.`,
    remedy:
      "Ask for them again with `origin-watch mute`. If the object was written by hand, delete it: earlier versions stay in the bucket for 30 days.",
    scope,
  };
}

function unreadable(problem: string): ParsedMuteFile {
  return { kind: "unreadable", problem: printable(problem, 300) };
}

const line = (most: number) => v.pipe(v.string(), v.regex(/^[^\p{Cc}]+$/u), v.maxLength(most));
const time = v.pipe(v.string(), v.isoTimestamp());

const fileSchema = v.strictObject({
  schemaVersion: v.literal(1),
  mutes: v.pipe(
    v.array(
      v.pipe(
        v.strictObject({
          source: v.picklist(["terminal", "board"]),
          account: v.pipe(v.string(), v.regex(/^\d{12}$/)),
          distribution: v.nullable(v.pipe(v.string(), v.regex(/^[A-Z0-9]{1,32}$/))),
          origin: v.nullable(v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,253}$/))),
          code: v.nullable(v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), v.maxLength(100))),
          until: time,
          reason: line(200),
          by: line(100),
          createdAt: time,
        }),
        v.check(({ distribution, origin }) => distribution !== null || origin !== null, "it selects nothing"),
      ),
    ),
    v.maxLength(mostMuteEntries),
  ),
});
