/**
 * Goes through a text of JSON (RFC 8259) once, from its beginning to its end, and makes values only of what is asked
 * for. Of a large file of which little is wanted, the rest takes no memory, and what is skipped is never held.
 */
export type JsonReader = {
  /**
   * Goes through the members of an object. `each` is to read or skip the value of every member.
   *
   * @returns false where the value is no object, which is skipped
   */
  readonly members: (each: (name: string) => void) => boolean;
  /** The same for the items of a list. */
  readonly items: (each: (index: number) => void) => boolean;
  /** A text, number, boolean or null; an object or a list is skipped, and an empty one stands for it. */
  readonly scalar: () => Scalar;
  readonly skip: () => void;
  /** What comes next. */
  readonly next: () => "object" | "list" | "scalar";
  /** Where the reader is, for `at`. */
  readonly position: () => number;
  /** Reads from a position where it has been before, and comes back. */
  readonly at: (position: number, read: () => void) => void;
};

export type Scalar = string | number | boolean | null | Readonly<Record<string, never>> | readonly never[];

/** The text is no JSON, ends before its value does, or is nested deeper than anything that a tool writes. */
export type JsonFault = "malformed" | "cut-off" | "too-deep";

const deepest = 200;

/** @returns what is wrong with the text, null for nothing; what was read before that is not to be relied on */
export function readJson(text: string, read: (reader: JsonReader) => void): JsonFault | null {
  try {
    const end = go(text, read);
    return end === text.length ? null : "malformed";
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
}

class Fault extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault);
    this.fault = fault;
  }
}

/** Gives the position after the value and the white space behind it. */
function go(text: string, read: (reader: JsonReader) => void): number {
  let at = 0;
  let depth = 0;
  const reader: JsonReader = {
    members: (each) => {
      if (peek() !== "{") {
        skip();
        return false;
      }
      between("}", () => {
        if (peek() !== '"') throw fault();
        const name = string();
        if (peek() !== ":") throw fault();
        at += 1;
        each(name);
      });
      return true;
    },
    items: (each) => {
      if (peek() !== "[") {
        skip();
        return false;
      }
      let index = 0;
      between("]", () => {
        each(index);
        index += 1;
      });
      return true;
    },
    scalar: () => {
      switch (peek()) {
        case "{":
          skip();
          return {};
        case "[":
          skip();
          return [];
        case '"':
          return string();
        default:
          return word();
      }
    },
    skip,
    next: () => (peek() === "{" ? "object" : peek() === "[" ? "list" : "scalar"),
    position: () => at,
    at: (position, again) => {
      const here = at;
      at = position;
      again();
      at = here;
    },
  };
  read(reader);
  peek();
  return at;

  function skip(): void {
    switch (peek()) {
      case "{":
        reader.members(skip);
        break;
      case "[":
        reader.items(skip);
        break;
      case '"':
        at = endOfString();
        break;
      default:
        word();
    }
  }

  /** The inside of brackets, of which the first is next. */
  function between(end: string, part: () => void): void {
    if (depth >= deepest) throw new Fault("too-deep");
    depth += 1;
    at += 1;
    if (peek() !== end) {
      for (;;) {
        part();
        const separator = peek();
        if (separator === end) break;
        if (separator !== ",") throw fault();
        at += 1;
      }
    }
    at += 1;
    depth -= 1;
  }

  /** The next character that is no white space, which is not taken; empty at the end of the text. */
  function peek(): string {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return text.charAt(at);
      at += 1;
    }
  }

  function string(): string {
    const start = at;
    at = endOfString();
    const content = text.slice(start + 1, at - 1);
    if (!content.includes("\\")) return content;
    try {
      return String(JSON.parse(text.slice(start, at)));
    } catch {
      throw new Fault("malformed");
    }
  }

  function endOfString(): number {
    let from = at + 1;
    for (;;) {
      const quote = text.indexOf('"', from);
      if (quote < 0) throw new Fault("cut-off");
      let backslashes = 0;
      while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes += 1;
      if (backslashes % 2 === 0) return quote + 1;
      from = quote + 1;
    }
  }

  function word(): number | boolean | null {
    words.lastIndex = at;
    const found = words.exec(text)?.[0];
    if (found === undefined) throw fault();
    at += found.length;
    switch (found) {
      case "true":
        return true;
      case "false":
        return false;
      case "null":
        return null;
      default:
        return Number(found);
    }
  }

  function fault(): Fault {
    return new Fault(at >= text.length ? "cut-off" : "malformed");
  }
}

const words = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
