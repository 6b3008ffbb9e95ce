/**
 * Text from an origin, a certificate or a configuration, made safe to show on one line: control characters (line
 * breaks among them), bidirectional and other invisible characters, unusual spaces and lone surrogates appear as
 * `\u{…}`, so that the text can neither forge a line of a message nor look like something it is not.
 *
 * The result has at most `maxLength` UTF-16 units; what was cut is shown by `...`. Only as much of the input is read
 * as fits. Applying it twice changes nothing.
 */
export function printable(text: string, maxLength: number): string {
  // Nearly all texts need no change.
  if (text.length <= maxLength && !unsafe.test(text)) return text;
  // Joined and not concatenated: a string built by concatenation keeps every piece, 32 bytes for each character.
  const pieces: string[] = [];
  let length = 0;
  let withRoomForDots = 0;
  for (const character of text) {
    const piece = unsafe.test(character) ? escaped(character) : character;
    length += piece.length;
    if (length > maxLength) return [...pieces.slice(0, withRoomForDots), "...".slice(0, maxLength)].join("");
    pieces.push(piece);
    if (length <= maxLength - 3) withRoomForDots = pieces.length;
  }
  return pieces.join("");
}

/** The same for a text of any length; line breaks are escaped too. */
export function visible(text: string): string {
  return isPlain(text) ? text : text.replaceAll(everyUnsafe, escaped);
}

/** A fast check that nothing in the text needs escaping, which is so for most texts. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/**
 * By Unicode category: controls, formats (bidirectional marks, zero-width joiners), surrogates, private use,
 * unassigned, separators other than the space, everything that is drawn as nothing (variation selectors, Hangul
 * fillers, tags), and the Braille blank, which is a symbol that looks like a space.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;
/** Every occurrence of what `printable` shows. */
export const everyUnsafe = new RegExp(unsafe, "gu");
