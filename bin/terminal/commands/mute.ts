import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { longestMute } from "../../../lambda/incidents/mute-claim.ts";
import type { MuteEntry } from "../../../lambda/incidents/mute-file.ts";
import { ruleOf, rules } from "../../../lambda/judge/catalogue.ts";
import { askedIn } from "../../../lambda/tell/mute-words.ts";
import { dayMs, hourMs, instant } from "../../../lambda/text/instant.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { viewersGetErrors } from "../../../lambda/witness/viewer-errors.ts";
import { didYouMean } from "../../../lib/did-you-mean.ts";
import type { OptionTable } from "../input/option.ts";
import { shown, UsageError } from "../input/usage-error.ts";
import { domain, flag, one, optional, type Values } from "../input/values.ts";
import { helpOf } from "../output/help.ts";
import { exit, warn } from "../output/output.ts";
import { printResult } from "../output/print.ts";
import { type Deployed, findMutes, keepMutes } from "./mute-store.ts";

const selectors: OptionTable = {
  origin: { type: "string", value: "HOST", help: "an origin, by its domain name" },
  distribution: { type: "string", value: "ID", help: "a distribution, with all of its origins" },
  code: { type: "string", value: "CODE", help: "only this finding of them; others are still told" },
  account: { type: "string", value: "ID", help: "the account that they are in (default: that of the stack)" },
};
const place: OptionTable = {
  stack: { type: "string", value: "NAME", help: "the stack of Origin Watch (default OriginWatch)" },
  region: { type: "string", value: "REGION", help: "its Region (default: that of the AWS configuration)" },
  profile: { type: "string", value: "NAME", help: "a profile of the AWS CLI's configuration" },
};
const ofMute: OptionTable = {
  for: { type: "string", value: "TIME", help: "how long: 30m, 4h, 1d, at most 30d" },
  reason: { type: "string", value: "TEXT", help: "why, for those who hear of it" },
  list: { type: "boolean", help: "print what is muted in this way, and nothing else" },
  json: { type: "boolean", help: "with --list: one JSON object a line" },
};

const exitStatus = [
  "0  done",
  "1  nothing of the kind is muted (unmute)",
  "2  wrong usage, or the mutes could not be read or written",
];

const muteHelp = helpOf({
  title: "mute: hold back messages about an origin or distribution",
  usage: [
    "origin-watch mute (--origin HOST | --distribution ID) [--code CODE]",
    "                  --for TIME --reason TEXT",
    "origin-watch mute --list",
  ],
  groups: [
    { heading: "What", options: selectors },
    { heading: "For mute", options: ofMute },
    { heading: "Where", options: place },
  ],
  notes: [
    "Written into mutes.json in the state bucket, which the next run reads. Everybody",
    "who gets messages hears of it once. What is muted is checked, counted and shown",
    "on the board as before.",
  ],
  exitStatus,
  examples: ["origin-watch mute --origin api.example.com --for 4h --reason 'is being moved'"],
});

const unmuteHelp = helpOf({
  title: "unmute: take back what `origin-watch mute` asked for",
  usage: ["origin-watch unmute (--origin HOST | --distribution ID) [--code CODE]"],
  groups: [
    { heading: "What", options: selectors },
    { heading: "Where", options: place },
  ],
  notes: ["Takes back only what `mute` made, and only with the same selectors. Tags and settings stay as they are."],
  exitStatus,
  examples: ["origin-watch unmute --origin api.example.com"],
});

/** `mute`: asks for a mute, or lists those that were asked for. Gives the exit status. */
export function mute(argv: readonly string[]): Promise<number> {
  return run(argv, { ...selectors, ...ofMute, ...place }, muteHelp, (values) => {
    if (flag(values, "list")) return (deployed) => list(deployed, flag(values, "json"));
    const selected = selection(values);
    const ms = duration(required(values, "for"));
    const reason = lineOf(required(values, "reason"));
    return (deployed) => add(deployed, selected, ms, reason);
  });
}

/** `unmute`: takes back what `mute` asked for. Gives the exit status. */
export function unmute(argv: readonly string[]): Promise<number> {
  return run(argv, { ...selectors, ...place }, unmuteHelp, (values) => {
    const selected = selection(values);
    return (deployed) => remove(deployed, selected);
  });
}

type Selection = Pick<MuteEntry, "distribution" | "origin" | "code"> & { readonly account: string | null };
type Act = (deployed: Deployed) => Promise<number>;

/** Reads the command line, finds the mutes of the stack, and does what was asked for. */
async function run(
  argv: readonly string[],
  options: OptionTable,
  help: string,
  read: (values: Values) => Act,
): Promise<number> {
  let act: Act;
  let values: Values;
  try {
    values = parseArgs({
      args: [...argv],
      options: { ...options, help: { type: "boolean", short: "h" } },
    }).values;
    if (flag(values, "help")) {
      printResult(help);
      return exit.healthy;
    }
    act = read(values);
  } catch (error) {
    const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
    if (!isUsage) throw error;
    warn(error.message.split(/\.\s/)[0] ?? error.message);
    return exit.usage;
  }
  const deployed = await findMutes({
    stack: one(values, "stack") ?? "OriginWatch",
    region: one(values, "region") ?? null,
    profile: one(values, "profile") ?? null,
  });
  if (deployed.kind === "failed") {
    warn(deployed.error);
    return exit.usage;
  }
  return act(deployed);
}

async function add(deployed: Deployed, selected: Selection, ms: number, reason: string): Promise<number> {
  const now = Date.now();
  const entry = { ...withAccount(selected, deployed), until: new Date(now + ms).toISOString(), reason };
  const made: MuteEntry = { ...entry, source: "terminal", by: caller(), createdAt: new Date(now).toISOString() };
  const kept = await keepMutes(deployed, ({ mutes, ...file }) => ({
    ...file,
    mutes: [...mutes.filter((other) => !isOver(other, now) && !isSame(other, made)), made],
  }));
  if (kept !== null) {
    warn(`not muted: ${kept}`);
    return exit.usage;
  }
  printResult(
    `Muted until ${instant(made.until)}: ${words(made)}.\nThe next run reads it, and tells of it once. To end it: origin-watch unmute ${argumentsOf(made)}\n`,
  );
  return exit.healthy;
}

async function remove(deployed: Deployed, selected: Selection): Promise<number> {
  const about = { ...withAccount(selected, deployed), source: "terminal" as const };
  let found: readonly MuteEntry[] = [];
  const kept = await keepMutes(deployed, ({ mutes, ...file }) => {
    found = mutes.filter((other) => isSame(other, about));
    return found.length === 0 ? null : { ...file, mutes: mutes.filter((other) => !isSame(other, about)) };
  });
  if (kept !== null) {
    warn(`still muted: ${kept}`);
    return exit.usage;
  }
  if (found.length === 0) {
    warn(
      `nothing of the kind was muted with \`origin-watch mute\`: ${words(about)}; \`origin-watch mute --list\` shows what is`,
    );
    return exit.failing;
  }
  printResult(`No longer muted: ${words(about)}. The next run tells what is open.\n`);
  return exit.healthy;
}

function list({ file }: Deployed, asJson: boolean): Promise<number> {
  const now = Date.now();
  const mutes = file.mutes.filter((entry) => !isOver(entry, now));
  const lines = mutes.map((entry) =>
    asJson
      ? JSON.stringify(entry)
      : `${words(entry)}, until ${instant(entry.until)}, by ${askedIn(entry)}: ${printable(entry.reason, 200)}`,
  );
  const nothing = "Nothing is muted from a terminal. Tags and settings mute too: the board shows what is muted now.";
  printResult(lines.length === 0 ? (asJson ? "" : `${nothing}\n`) : `${lines.join("\n")}\n`);
  return Promise.resolve(exit.healthy);
}

function isOver({ until }: MuteEntry, now: number): boolean {
  return Date.parse(until) <= now;
}

type Selecting = Pick<MuteEntry, "source" | "account" | "distribution" | "origin" | "code">;

function isSame(a: Selecting, b: Selecting): boolean {
  const keyOf = ({ source, account, distribution, origin, code }: Selecting) =>
    JSON.stringify([source, account, distribution, origin?.toLowerCase() ?? null, code]);
  return keyOf(a) === keyOf(b);
}

function withAccount(selected: Selection, { account }: Deployed) {
  return { ...selected, account: selected.account ?? account };
}

function words({ origin, distribution, code, account }: Omit<Selecting, "source">): string {
  const what = [
    ...(origin === null ? [] : [origin]),
    ...(distribution === null ? [] : [`distribution ${distribution}`]),
  ];
  return `${what.join(" of ")}${code === null ? "" : ` (only ${code})`} in account ${account}`;
}

function argumentsOf({ origin, distribution, code }: Omit<Selecting, "source">): string {
  return [
    ...(origin === null ? [] : [`--origin ${origin}`]),
    ...(distribution === null ? [] : [`--distribution ${distribution}`]),
    ...(code === null ? [] : [`--code ${code}`]),
  ].join(" ");
}

/** Who asks, as this machine calls them. */
function caller(): string {
  try {
    return printable(userInfo().username, 100) || "somebody";
  } catch {
    return "somebody";
  }
}

function required(values: Values, name: string): string {
  const value = one(values, name);
  if (value === undefined) throw new UsageError(`--${name} is missing (--help shows more)`);
  return value;
}

function selection(values: Values): Selection {
  const origin = optional(values, "origin", domain);
  const distribution = optional(values, "distribution", (text) =>
    matched("--distribution", text, /^[A-Z0-9]{1,32}$/, "a distribution id such as E1A2B3C4D5E6F7"),
  );
  if (origin === null && distribution === null) {
    throw new UsageError("say what to mute: --origin HOST or --distribution ID (--help shows more)");
  }
  return {
    origin,
    distribution,
    code: optional(values, "code", codeOf),
    account: optional(values, "account", (text) => matched("--account", text, /^\d{12}$/, "twelve digits")),
  };
}

function codeOf(text: string): string {
  if (text === viewersGetErrors || ruleOf(text) !== undefined) return text;
  const known = [...rules.map(({ code }) => code), viewersGetErrors];
  throw new UsageError(`--code: there is no finding ${shown(text)}${didYouMean(text, known)}`);
}

function matched(name: string, text: string, form: RegExp, expected: string): string {
  if (!form.test(text)) throw new UsageError(`${name}: expected ${expected}, got ${shown(text)}`);
  return text;
}

const units: Readonly<Record<string, number>> = { m: 60_000, h: hourMs, d: dayMs };

function duration(text: string): number {
  const [, count = "", unit = ""] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? Number.NaN);
  const most = longestMute.terminal;
  if (!(ms > 0 && ms <= most)) {
    throw new UsageError(`--for: expected a time such as 30m, 4h or 1d, at most ${most / dayMs}d, got ${shown(text)}`);
  }
  return ms;
}

function lineOf(text: string): string {
  const trimmed = text.trim();
  if (/^[^\p{Cc}]{1,200}$/u.test(trimmed)) return trimmed;
  throw new UsageError(`--reason: expected a line of at most 200 characters, got ${shown(text)}`);
}
