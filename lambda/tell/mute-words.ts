import { longestMute, type MuteClaim } from "../incidents/mute-claim.ts";
import type { AnnouncedMute } from "../incidents/state.ts";
import { dayMs, instant } from "../text/instant.ts";
import { hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";

/** Where a mute was asked for, in a few words. */
export function askedIn({ source, distribution, account, by }: MuteClaim | AnnouncedMute): string {
  const who = by === undefined ? "" : `, by somebody who says to be ${printable(by, 100)}`;
  const of = distribution === null ? "" : ` of distribution ${printable(distribution, 64)}`;
  switch (source) {
    case "setting":
      return "the setting mutes";
    case "tag":
      return `the tag origin-watch:mute-until${of}${account === null ? "" : ` in account ${account}`}`;
    case "terminal":
      return `origin-watch mute${who}`;
    case "board":
      return "somebody on the board of the dashboard";
    case "window":
      return "the setting muteWindows";
  }
}

/** Who asked for a mute and why, as a claim: nobody can check either. */
export function saysSo(mute: MuteClaim | AnnouncedMute): string {
  // The board asks for no reason.
  if (mute.source === "board") return `${askedIn(mute)}, ${printable(mute.reason, 200)}`;
  return `${askedIn(mute)}, which says: ${printable(mute.reason, 200)}`;
}

/** What a mute selects: `api.example.com`, `distribution E1 (only certificate-expiring)`. */
export function selectedBy({ distribution, origin, code }: MuteClaim | AnnouncedMute): string {
  const parts = [
    ...(origin === null ? [] : [printable(origin, 253)]),
    ...(distribution === null ? [] : [`distribution ${printable(distribution, 64)}`]),
  ];
  const only = code === null ? "" : printable(code, 100);
  if (parts.length === 0) return only;
  return `${parts.join(" of ")}${only === "" ? "" : ` (only ${only})`}`;
}

/** That a mute ends earlier than was asked for; empty where it does not. */
export function cutShort({ source, until }: MuteClaim, asked: string): string {
  if (asked === until) return "";
  return `It asks for ${instant(asked)}; ${longest(source)}.`;
}

/** What people hear of a mute that held back until now what is still open. */
export function endedMuteNote(mute: AnnouncedMute, at: string): string {
  const who = askedIn(mute);
  const said = printable(mute.reason, 200);
  const reason = mute.source === "board" ? said : `which said: ${said}`;
  if (Date.parse(mute.until) > Date.parse(at)) {
    return `Muted until this run by ${who}, ${reason}. That was withdrawn, or does not cover every use of the origin now.`;
  }
  const isLongest = Date.parse(mute.until) - Date.parse(mute.firstSeen) >= longestMute[mute.source];
  const limit = isLongest ? ` ${capital(longest(mute.source))}.` : "";
  return `Muted until ${instant(mute.until)} by ${who}, ${reason}.${limit}`;
}

function longest(source: MuteClaim["source"]): string {
  const days = `${longestMute[source] / dayMs} days from when it is first seen`;
  return source === "tag" ? `a tag mutes for at most ${days}` : `such a mute holds for at most ${days}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `E1: 3.1% of requests get 502`. */
export function heldDistributionLine(incident: { readonly distributionId: string; readonly title: string }): string {
  return `${printable(incident.distributionId, 64)}: ${printable(incident.title, 250)}`;
}

/** `api.example.com: certificate expired`. */
export function heldLine(incident: { readonly domain: string; readonly port: number; readonly title: string }): string {
  return `${hostAndPort(incident)}: ${printable(incident.title, 250)}`;
}
