import { mostThatFit } from "../text/fitting.ts";

/** A part of a message. Entries are separated by `between`, sections by a blank line. */
export type Section = {
  readonly heading: string | null;
  readonly entries: readonly string[];
  readonly between: "\n" | "\n\n";
  /** Sections with a lower number lose their last entries first; `always` loses none. */
  readonly importance: number | "always";
  /** Says how many entries are missing and where they are. */
  readonly leftOut: (count: number) => string;
};

/**
 * Puts sections together, in their order, into at most `maxBytes` bytes of UTF-8 as they count inside a JSON string.
 * What does not fit is left out from the end of the least important section, and the section says how much that was.
 */
export function fitted(sections: readonly Section[], maxBytes: number): string {
  const parts = sections
    .filter((section) => section.entries.length > 0)
    .map((section) => ({ section, kept: section.entries.length, sizes: section.entries.map(sizeOf) }));
  const total = () => parts.reduce((sum, part) => sum + sizeOfSection(part.section, part.kept, part.sizes), 0);

  const droppable = parts
    .filter((part) => part.section.importance !== "always")
    .sort((a, b) => Number(a.section.importance) - Number(b.section.importance));
  for (const part of droppable) {
    // The note about what is missing takes room as well, so that once round may not do.
    for (let excess = total() - maxBytes; excess > 0 && part.kept > 0; excess = total() - maxBytes) {
      while (excess > 0 && part.kept > 0) {
        part.kept -= 1;
        excess -= part.sizes[part.kept] ?? 0;
      }
    }
  }
  const text = parts.map(({ section, kept }) => rendered(section, kept)).join("\n\n");
  return cutAtBytes(text, maxBytes);
}

function rendered({ heading, entries, between, leftOut }: Section, kept: number): string {
  const shown = entries.slice(0, kept);
  if (kept < entries.length) shown.push(leftOut(entries.length - kept));
  return [...(heading === null ? [] : [heading]), shown.join(between)].join("\n");
}

/** An upper bound: two escaped line breaks for everything, and the note about what is left out if anything is. */
function sizeOfSection(section: Section, kept: number, sizes: readonly number[]): number {
  const note = kept < sizes.length ? bytesInJson(section.leftOut(sizes.length - kept)) + 4 : 0;
  const heading = section.heading === null ? 0 : bytesInJson(section.heading) + 4;
  return sizes.slice(0, kept).reduce((sum, size) => sum + size, 0) + note + heading + 4;
}

function sizeOf(entry: string): number {
  return bytesInJson(entry) + 4;
}

/** Cuts text at a number of bytes as they count inside a JSON string, never inside a character, and says so. */
export function cutAtBytes(text: string, maxBytes: number): string {
  if (bytesInJson(text) <= maxBytes) return text;
  const end = "\n(cut here for size; all is in the log)";
  const length = mostThatFit(text.length - 1, (kept) => bytesInJson(text.slice(0, kept) + end) <= maxBytes);
  // Not between the halves of a surrogate pair.
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "") + end;
}

/** The bytes of UTF-8 that a text takes inside a JSON string: quotation marks and line breaks take two. */
export function bytesInJson(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** Lines under a heading. */
export function listed(heading: string | null, importance: number, entries: readonly string[]): Section {
  return {
    heading,
    entries,
    between: "\n",
    importance,
    leftOut: (count) => `and ${count} more, left out here for size; all are in the log`,
  };
}

/** A paragraph that is never left out. */
export function always(text: string): Section {
  return { heading: null, entries: text === "" ? [] : [text], between: "\n", importance: "always", leftOut: () => "" };
}
