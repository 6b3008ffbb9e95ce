import { withoutLinks } from "../text/links.ts";

/** SNS takes fewer than 100 characters. */
const maxSubject = 99;
/** What is left of a title before the extent makes room for it. */
const leastWhat = 20;
const longestWhere = 45;
const longestAccount = 30;

/** `[TAG] WHERE: WHAT (EXTENT, ACCOUNT)` before it is known what has room. */
export type SubjectParts = {
  readonly tag: string;
  /** Names of which as many are shown as there is room for, where they are what is said. */
  readonly where: string;
  /** What stands between the place and what is said of it. */
  readonly between: ": " | ", was: ";
  readonly what: string | readonly string[];
  /** The most important first. */
  readonly extent: readonly string[];
};

/** A name of viewers, as the place of a subject. */
export function shortName(name: string): string {
  return cut(ascii(name), longestWhere);
}

/**
 * As much of it as there is room for: tag, place and account stay; of the rest what is said is cut first, then the extent
 * goes.
 */
export function composed({ tag, where, between: joint, what, extent }: SubjectParts, account: string | null): string {
  const head = `[${tag}] ${where === "" ? "" : `${where}${joint}`}`;
  const whose = account === null ? [] : [cut(ascii(account), longestAccount)];
  // From all of the extent to none of it; where not even the last one has room, what is said is cut.
  for (let kept = extent.length; kept >= 0; kept -= 1) {
    const facts = [...extent.slice(0, kept).map(ascii), ...whose];
    const tail = facts.length === 0 ? "" : ` (${facts.join(", ")})`;
    const room = maxSubject - head.length - tail.length;
    const said = typeof what === "string" ? ascii(what) : named(what, room);
    const isCut = said.length > room;
    if (isCut && kept > 0 && (kept > 1 || room < leastWhat)) continue;
    return cut(`${head}${cut(said, Math.max(room, 3))}${tail}`.trim(), maxSubject);
  }
  return cut(head, maxSubject);
}

/** As many whole names as there is room for. */
function named(names: readonly string[], room: number): string {
  for (let count = Math.min(names.length, maxSubject / 2); count > 0; count -= 1) {
    const shown = names.slice(0, count).join(", ") + (count < names.length ? ", ..." : "");
    if (shown.length <= room) return shown;
  }
  return names[0] ?? "";
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`;
}

function ascii(text: string): string {
  return withoutLinks(text)
    .replaceAll(/[\u2018\u2019]/g, "'")
    .replaceAll(/[\u201c\u201d]/g, '"')
    .replaceAll(/[\u2010-\u2015]/g, "-")
    .replaceAll("\u2026", "...")
    .replaceAll(/[^\x20-\x7e]+/g, "?");
}
