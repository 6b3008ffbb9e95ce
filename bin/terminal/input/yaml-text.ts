import {
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  YAMLException,
} from "js-yaml";
import { printable } from "../../../lambda/text/printable.ts";
import { type Documents, duplicateRemark } from "./document-text.ts";

/** Deeper than anything that a person or a tool writes. */
const deepest = 200;
/** Lines, entries and what opens a list or a mapping: several times those of the largest template. */
const mostParts = 150_000;
const part = /[,\n[{]|[-?] /g;
/** Members that merging adds. */
const mostMerged = 100_000;
const mostRemarks = 20;

/**
 * Reads YAML as CloudFormation does: of YAML 1.1 it takes yes, no, on and off for booleans (and not y and n), merge keys,
 * and the last of two equal keys. The short forms of intrinsic functions (`!Ref Name`, `!GetAtt Balancer.DNSName`) become
 * their long forms
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html). Dates stay text, and
 * so do numbers with a point, because a domain name or a version is made of them.
 */
export function readYaml(text: string): Documents {
  if (hasMore(text, part, mostParts)) return { kind: "unreadable", problem: "it is too large" };
  try {
    const events = parseEvents(text, { maxDepth: deepest });
    const { values, remarks } = build(events, text);
    return values.length === 0
      ? { kind: "unreadable", problem: "it is empty" }
      : { kind: "documents", values, remarks };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { reason, mark } = error;
    if (reason.startsWith("nesting exceeded")) return { kind: "unreadable", problem: "it is nested too deeply" };
    const place = mark === undefined ? "" : ` in line ${mark.line + 1}, column ${mark.column + 1}`;
    return { kind: "unreadable", problem: `${printable(reason, 150)}${place}` };
  }
}

/** Whether there are more matches than that; none is kept. */
function hasMore(text: string, pattern: RegExp, most: number): boolean {
  let found = 0;
  for (const _ of text.matchAll(pattern)) {
    found += 1;
    if (found > most) return true;
  }
  return false;
}

/** Makes values of the parser's events. Aliases share their value, so that a small text cannot unfold into a large one. */
function build(events: readonly Event[], text: string): { readonly values: unknown[]; readonly remarks: string[] } {
  const values: unknown[] = [];
  const remarks: string[] = [];
  let anchors = new Map<string, unknown>();
  let next = 0;
  let merged = 0;
  while (next < events.length) {
    const event = events[next];
    if (event?.type !== EVENT_ID.DOCUMENT) throw new YAMLException("a document was expected");
    next += 1;
    anchors = new Map();
    if (events[next]?.type !== EVENT_ID.POP) values.push(value());
    next += 1;
  }
  return { values, remarks };

  function value(): unknown {
    const event = events[next];
    next += 1;
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return anchored(event, () => scalar(event));
      case EVENT_ID.SEQUENCE:
        return anchored(event, sequence);
      case EVENT_ID.MAPPING:
        return anchored(event, mapping);
      case EVENT_ID.ALIAS: {
        const name = text.slice(event.anchorStart, event.anchorEnd);
        if (!anchors.has(name)) {
          return YAMLException.throwAt(text, event.anchorStart, "an alias without an anchor before it");
        }
        return anchors.get(name);
      }
      default:
        throw new YAMLException("a value was expected");
    }
  }

  /** The value with its tag, known by its anchor once it is complete: it cannot contain itself. */
  function anchored(event: Exclude<Event, { type: 1 | 5 | 6 }>, make: () => unknown): unknown {
    const made = longForm(event.tagStart < 0 ? "" : text.slice(event.tagStart, event.tagEnd), make());
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), made);
    return made;
  }

  function scalar(event: ScalarEvent): unknown {
    const content = getScalarValue(text, event);
    return event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0 ? plain(content) : content;
  }

  function sequence(): unknown[] {
    const items: unknown[] = [];
    while (events[next]?.type !== EVENT_ID.POP) items.push(value());
    next += 1;
    return items;
  }

  function mapping(): unknown {
    const own = new Map<string, unknown>();
    const merges: object[] = [];
    while (events[next]?.type !== EVENT_ID.POP) {
      const { name, at, merges: isMerge } = key();
      const member = value();
      if (isMerge) merges.push(...mergeable(member, at));
      else {
        if (own.has(name) && remarks.length < mostRemarks) remarks.push(duplicateRemark(lineOf(at), name));
        own.set(name, member);
      }
    }
    next += 1;
    if (merges.length === 0) return Object.fromEntries(own);
    // What stands in the mapping goes before what is merged, and of that what comes first.
    const all = new Map(merges.toReversed().flatMap((part) => Object.entries(part)));
    for (const [name, member] of own) all.set(name, member);
    return Object.fromEntries(all);
  }

  /** A key is text, whatever it looks like. */
  function key(): { readonly name: string; readonly at: number; readonly merges: boolean } {
    const event = events[next];
    if (event?.type !== EVENT_ID.SCALAR) {
      const at = event !== undefined && "start" in event ? event.start : 0;
      return YAMLException.throwAt(text, at, "a key that is not text");
    }
    next += 1;
    const name = getScalarValue(text, event);
    const merges = name === "<<" && event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0;
    return { name, at: event.valueStart, merges };
  }

  function mergeable(member: unknown, at: number): object[] {
    const parts: readonly unknown[] = Array.isArray(member) ? member : [member];
    return parts.map((part) => {
      if (typeof part !== "object" || part === null || Array.isArray(part) || isFunction(part)) {
        return YAMLException.throwAt(text, at, "<< merges mappings only");
      }
      merged += Object.keys(part).length;
      if (merged > mostMerged) throw new YAMLException("it merges too much");
      return part;
    });
  }

  function lineOf(position: number): number {
    return text.slice(0, position).split("\n").length;
  }
}

/** The short form of an intrinsic function, which has become a mapping. */
function isFunction(part: object): boolean {
  return Object.keys(part).some((name) => name === "Ref" || name.startsWith("Fn::"));
}

/** A text without quotes and tag. */
function plain(content: string): unknown {
  if (/^(?:~|null|Null|NULL)?$/.test(content)) return null;
  if (/^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/.test(content)) return true;
  if (/^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/.test(content)) return false;
  return /^[-+]?(?:0|[1-9]\d{0,14})$/.test(content) ? Number(content) : content;
}

/** `!Ref x` is `{ Ref: x }`, `!Condition x` likewise, and every other `!Name x` is `{ "Fn::Name": x }`. */
function longForm(tag: string, value: unknown): unknown {
  const name = /^!([A-Za-z]+)$/.exec(tag)?.[1];
  if (name === undefined) return value;
  return { [name === "Ref" || name === "Condition" ? name : `Fn::${name}`]: value };
}
