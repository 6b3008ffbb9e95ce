import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonReader, readJson } from "../../lambda/configuration/json-reader.ts";

/** All of the text, made by the reader. */
function whole(text: string): { readonly fault: string | null; readonly value: unknown } {
  let value: unknown;
  const fault = readJson(text, (reader) => {
    value = made(reader);
  });
  return { fault, value };
}

function made(reader: JsonReader): unknown {
  switch (reader.next()) {
    case "scalar":
      return reader.scalar();
    case "list": {
      const list: unknown[] = [];
      reader.items(() => list.push(made(reader)));
      return list;
    }
    case "object": {
      const entries: [string, unknown][] = [];
      reader.members((name) => entries.push([name, made(reader)]));
      return Object.fromEntries(entries);
    }
  }
}

const skipped = (text: string) => readJson(text, (reader) => reader.skip());
const texts = fc
  .tuple(fc.jsonValue(), fc.constantFrom(0, 1))
  .map(([value, space]) => JSON.stringify(value, null, space));

describe("a reader of JSON", () => {
  it("reads what JSON.parse reads, and skips it", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { fault, value } = whole(text);
        expect(fault).toBeNull();
        expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
        expect(skipped(text)).toBeNull();
      }),
    );
  });

  it("takes no text that is cut off, nor one with something behind its value", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(), (list, at) => {
        const text = JSON.stringify(list);
        expect(skipped(text.slice(0, at % text.length))).not.toBeNull();
        expect(skipped(`${text}]`)).toBe("malformed");
      }),
    );
  });

  it.each(['{"a" 1}', '{"a":1,}', "[1 2]", "[1,]", "{a:1}", "[01]", "nul", '["\\q"]', "{]", "[}"])(
    "calls %s malformed",
    (text) => {
      expect(whole(text).fault).not.toBeNull();
    },
  );

  it("goes 200 deep and no deeper", () => {
    const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    expect(skipped(deep(200))).toBeNull();
    expect(skipped(deep(201))).toBe("too-deep");
    expect(skipped("[".repeat(1_000_000))).toBe("too-deep");
  });

  it("comes back from where it has been", () => {
    const seen: unknown[] = [];
    readJson('{"values":{"a":1},"type":"x"}', (reader) => {
      let values = 0;
      reader.members((name) => {
        if (name === "values") values = reader.position();
        if (name === "values") reader.skip();
        else seen.push(reader.scalar());
      });
      reader.at(values, () => reader.members(() => seen.push(reader.scalar())));
    });
    expect(seen).toEqual(["x", 1]);
  });
});
