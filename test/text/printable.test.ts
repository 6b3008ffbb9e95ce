import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable } from "../../lambda/text/printable.ts";

describe("printable", () => {
  test.each([
    ["leaves letters of any script alone", "Bücher.example, 日本語, ελληνικά", "Bücher.example, 日本語, ελληνικά"],
    ["leaves symbols and emoji alone", "€ ✓ 🙂", "€ ✓ 🙂"],
    ["shows line breaks and tabs", "a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c"],
    ["shows escape sequences of a terminal", "\u001b[31mred", "\\u{1b}[31mred"],
    ["shows C1 controls and DEL", "\u0085\u007f", "\\u{85}\\u{7f}"],
    ["shows bidirectional marks", "\u202eevil\u2066\u200f\u061c", "\\u{202e}evil\\u{2066}\\u{200f}\\u{61c}"],
    ["shows zero-width characters", "pay\u200bpal\u2060\ufeff\u00ad", "pay\\u{200b}pal\\u{2060}\\u{feff}\\u{ad}"],
    ["shows line and paragraph separators", "\u2028\u2029", "\\u{2028}\\u{2029}"],
    ["shows spaces that are not the space", "a\u00a0b\u3000c d", "a\\u{a0}b\\u{3000}c d"],
    ["shows letters and symbols that draw nothing", "\u3164\u115f\u2800", "\\u{3164}\\u{115f}\\u{2800}"],
    ["shows tags and variation selectors", "\u{e0041}\ufe0f", "\\u{e0041}\\u{fe0f}"],
    ["shows lone surrogates", "a\ud800b\udc00", "a\\u{d800}b\\u{dc00}"],
    ["shows private use and noncharacters", "\ue000\uffff", "\\u{e000}\\u{ffff}"],
  ])("%s", (_, text, shown) => {
    expect(printable(text, 200)).toBe(shown);
  });

  test("cuts long text with dots, never inside an escape or a pair of surrogates", () => {
    expect(printable("abcdefgh", 8)).toBe("abcdefgh");
    expect(printable("abcdefghi", 8)).toBe("abcde...");
    expect(printable("ab\u202ecdef", 9)).toBe("ab...");
    expect(printable("ab🙂🙂🙂🙂", 8)).toBe("ab🙂...");
  });

  test("reads no more of the text than fits", () => {
    let read = 0;
    const text = {
      *[Symbol.iterator]() {
        for (;;) {
          read += 1;
          yield "x";
        }
      },
    };
    expect(printable(text as unknown as string, 10)).toBe("xxxxxxx...");
    expect(read).toBe(11);
  });

  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 60 }),
  );

  test("gives one bounded line without invisible characters for any text, and is stable", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 3, max: 80 }), (text, maxLength) => {
        const shown = printable(text, maxLength);
        expect(shown.length).toBeLessThanOrEqual(maxLength);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
        expect(printable(shown, maxLength)).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });
});
