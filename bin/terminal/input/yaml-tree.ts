import { EVENT_ID, getScalarValue, parseEvents, YAMLException } from "js-yaml";

/** A part of a text in YAML or JSON, with the place where it begins; of a member of a mapping, where its name does. */
export type YamlNode = {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Of a scalar. */
  readonly text: string | null;
  readonly items: readonly YamlNode[];
  readonly members: ReadonlyMap<string, YamlNode>;
};

const deepest = 200;

/** The first document of a text, null where it cannot be read. */
export function inYaml(text: string): YamlNode | null {
  try {
    return build(text);
  } catch (error) {
    if (error instanceof YAMLException) return null;
    throw error;
  }
}

export function memberOf(node: YamlNode | null, name: string): YamlNode | null {
  return node?.members.get(name) ?? null;
}

export function itemsOf(node: YamlNode | null): readonly YamlNode[] {
  return node?.items ?? [];
}

function build(text: string): YamlNode | null {
  const events = parseEvents(text, { maxDepth: deepest });
  const placeAt = placesIn(text);
  const anchors = new Map<string, YamlNode>();
  const none: Omit<YamlNode, "line" | "column"> = { text: null, items: [], members: new Map() };
  let next = 0;
  if (events[next]?.type !== EVENT_ID.DOCUMENT) return null;
  next += 1;
  return events[next]?.type === EVENT_ID.POP ? null : node();

  function node(): YamlNode {
    const event = events[next];
    next += 1;
    if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) {
      return { ...placeAt(0), ...none };
    }
    if (event.type === EVENT_ID.ALIAS) {
      return anchors.get(text.slice(event.anchorStart, event.anchorEnd)) ?? { ...placeAt(event.anchorStart), ...none };
    }
    const made = ofEvent(event);
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), made);
    return made;
  }

  function ofEvent(event: Exclude<(typeof events)[number], { type: 1 | 5 | 6 }>): YamlNode {
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return { ...placeAt(event.valueStart), ...none, text: getScalarValue(text, event) };
      case EVENT_ID.SEQUENCE: {
        const items: YamlNode[] = [];
        while (events[next] !== undefined && events[next]?.type !== EVENT_ID.POP) items.push(node());
        next += 1;
        return { ...placeAt(event.start), ...none, items };
      }
      case EVENT_ID.MAPPING: {
        const members = new Map<string, YamlNode>();
        while (events[next] !== undefined && events[next]?.type !== EVENT_ID.POP) {
          const key = node();
          const value = node();
          // Whoever looks for a member looks for its name.
          if (key.text !== null) members.set(key.text, { ...value, line: key.line, column: key.column });
        }
        next += 1;
        return { ...placeAt(event.start), ...none, members };
      }
    }
  }
}

/** The line and column of a position. */
function placesIn(text: string): (position: number) => { readonly line: number; readonly column: number } {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (position) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: position - (starts[low] ?? 0) + 1 };
  };
}
