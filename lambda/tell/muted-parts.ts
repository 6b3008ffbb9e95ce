import type { BegunMute, Draft } from "../incidents/change.ts";
import type { MuteSource } from "../incidents/mute-claim.ts";
import { originId } from "../report/origins.ts";
import { instant } from "../text/instant.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { listed } from "./fit.ts";
import type { MessageParts } from "./message-parts.ts";
import { cutShort, heldDistributionLine, heldLine, saysSo, selectedBy } from "./mute-words.ts";
import { problemTitle } from "./problems.ts";

/** More of what a mute holds back is counted: the board and the log have all. */
const mostHeld = 5;

/** That mutes began to hold something back: until when, who asked for them and why, and what they hold back now. */
export function mutedParts({ begunMutes = [] }: Draft): MessageParts {
  const [first, ...others] = begunMutes;
  const nothing = { steps: [], otherwise: "nothing.", verify: null, items: null, rest: [] };
  if (first === undefined) return { ...nothing, lead: ["Nothing is muted."] };
  const lead =
    others.length === 0
      ? linesOf(first)
      : [`${counted(begunMutes.length, "mute")} began to hold alerts back.`, ...begunMutes.slice(0, 2).map(lineOf)];
  const [only, ...more] = new Set(begunMutes.map(({ mute }) => mute.source));
  return {
    ...nothing,
    lead,
    steps: [
      "Nothing, if your team asked for this.",
      only === undefined || more.length > 0
        ? "Otherwise withdraw it where it was asked for: docs/mutes.md."
        : howToWithdraw[only],
    ],
    items: others.length === 0 ? null : listed("Muted as well:", 80, begunMutes.slice(2).map(lineOf)),
  };
}

/** What a message about one mute begins with. */
function linesOf(begun: BegunMute): readonly string[] {
  const { mute } = begun;
  const cut = cutShort(mute, mute.asked);
  return [
    `No alerts about ${selectedBy(mute)} until ${instant(mute.until)}.`,
    `Asked for by ${saysSo(mute)}.${cut === "" ? "" : ` ${cut}`}`,
    `Held back now: ${enumerated(heldBy(begun), mostHeld)}.`,
  ];
}

function lineOf(begun: BegunMute): string {
  const { mute } = begun;
  const cut = cutShort(mute, mute.asked);
  const held = enumerated(heldBy(begun), 2);
  return `- ${selectedBy(mute)}, until ${instant(mute.until)} by ${saysSo(mute)}. ${cut === "" ? "" : `${cut} `}Held back now: ${held}.`;
}

function heldBy({ incidents, distributions, notChecked, problems }: BegunMute): readonly string[] {
  return [
    ...incidents.map(heldLine),
    ...distributions.map(heldDistributionLine),
    ...notChecked.map((entry) => `${hostAndPort(entry)}: not checked, ${printable(entry.reason, 250)}`),
    ...problems.map(problemTitle),
  ];
}

/** The second step, for the one place in which all of them were asked for. */
const howToWithdraw: Readonly<Record<MuteSource, string>> = {
  setting: "Otherwise take the entry out of the setting mutes and deploy.",
  tag: "Otherwise remove the tag from the distribution. CloudTrail shows who set it (TagResource of CloudFront).",
  terminal:
    "Otherwise take it back with `origin-watch unmute`. CloudTrail shows who wrote mutes.json, where data events are on.",
  board:
    "Otherwise end it on the board, on the page of the origin. CloudTrail shows who called the function, where data events are on.",
  window: "Otherwise take the entry out of the setting muteWindows and deploy.",
};

/** What the subject names: each origin and distribution once, or the problems of the run. */
export function heldNames({ begunMutes = [] }: Draft): readonly string[] {
  const origins = begunMutes.flatMap(({ incidents, notChecked }) => [...incidents, ...notChecked]);
  const ids = begunMutes.flatMap(({ distributions }) => distributions.map(({ distributionId }) => distributionId));
  const names = [
    ...new Map(origins.map((each) => [originId(each), hostAndPort(each)])).values(),
    ...new Set(ids.map((id) => printable(id, 64))),
  ];
  if (names.length > 0) return names;
  return [...new Set(begunMutes.flatMap(({ problems }) => problems.map(problemTitle)))];
}

/** The title of what is held back, where it is one thing. */
export function heldTitle({ begunMutes = [] }: Draft): string | null {
  const titles = new Set(
    begunMutes.flatMap(({ incidents, distributions, notChecked }) => [
      ...[...incidents, ...distributions].map(({ title }) => title),
      ...notChecked.map(({ reason }) => reason),
    ]),
  );
  const [only, ...others] = titles;
  return others.length > 0 ? null : (only ?? null);
}
