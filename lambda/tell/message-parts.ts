import type { Verification } from "../report/verify.ts";
import { always, type Section } from "./fit.ts";
import { stepsParagraph, verifyParagraph } from "./open-origin.ts";

/** What a message says, in the order in which somebody on a phone needs it. */
export type MessageParts = {
  /** What is so, and where; a line each. */
  readonly lead: readonly string[];
  /** What to do, the first thing first. */
  readonly steps: readonly string[];
  /** What stands in their place where there are none: `nothing.` */
  readonly otherwise: string;
  readonly verify: Verification | null;
  /** Each thing that it is about in a line, where there are many. */
  readonly items: Section | null;
  readonly rest: readonly Section[];
};

/** @param notes what is said of the message itself, which never stands before what to do */
export function sectionsOf(
  { lead, steps, otherwise, verify, items, rest }: MessageParts,
  notes: readonly string[],
): readonly Section[] {
  return [
    always(lead.join("\n")),
    always(steps.length === 0 ? `Do first: ${otherwise}` : stepsParagraph("Do first:", steps)),
    always(notes.join("\n")),
    always(verifyParagraph(verify)),
    ...(items === null ? [] : [items]),
    ...rest,
  ];
}
