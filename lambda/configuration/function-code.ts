/** What the code of a CloudFront function can do to a request before an origin gets it. */
export type FunctionCode =
  /** It hands every request on to the configured origin, rewritten or not. */
  | "passes-on"
  /** It can answer a request itself. */
  | "may-answer"
  /** It can choose another origin. */
  | "may-choose-origin";

/** What the code of a function was found to do, and on which day (UTC) it was read. */
export type FunctionReading = { readonly readOn: string; readonly code: FunctionCode };

export function isFunctionCode(text: string): text is FunctionCode {
  return text === "passes-on" || text === "may-answer" || text === "may-choose-origin";
}

/** As CloudFront: a function has at most 10 KB of code. */
export const mostCodeBytes = 10 * 1024;

/**
 * The helpers of the `cloudfront` module that change the origin
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/helper-functions-origin-modification.html).
 */
const originHelpers: readonly string[] = ["updateRequestOrigin", "selectRequestOriginById", "createRequestOriginGroup"];

/**
 * Looks through the code of a CloudFront function for the words that it needs for what it can do. The code is text here
 * and is never run. Comments, regular expressions and the text of strings and templates do not count; the name of a
 * property may stand in quotes. What is hidden from this is taken for a function that passes everything on, so that
 * nobody makes a failure milder by hiding something.
 *
 * A response is an object with a `statusCode`
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html).
 */
export function readFunctionCode(source: string): FunctionCode {
  let imports = false;
  let choosesOrigin = false;
  let answers = false;
  let [before, last] = ["", ""];
  for (const { kind, text } of tokens(source.slice(0, mostCodeBytes))) {
    const isModule = kind === "string" && text === "cloudfront";
    if (isModule && (last === "from" || last === "import" || (last === "(" && isLoader(before)))) imports = true;
    if (kind === "word" && originHelpers.includes(text)) choosesOrigin = true;
    if (kind === "word" && text === "statusCode") answers = true;
    if (text === ":" && last === "statusCode") answers = true;
    [before, last] = [last, text];
  }
  if (imports && choosesOrigin) return "may-choose-origin";
  return answers ? "may-answer" : "passes-on";
}

function isLoader(word: string): boolean {
  return word === "import" || word === "require";
}

type Token = { readonly kind: "word" | "string" | "sign"; readonly text: string };

/** Words after which a slash begins a regular expression; after any other word it divides. */
const operators: readonly string[] =
  "return typeof instanceof in of new delete void throw case do else yield await default".split(" ");

/** The tokens of JavaScript, as far as that can be done without a parser. Each character is looked at a few times. */
function* tokens(source: string): Generator<Token, void> {
  // Braces that are open inside each template that is open: code stands between `${` and the brace that closes it.
  const templates: number[] = [];
  let last = sign("");
  let at = 0;
  while (at < source.length) {
    const { token, end } = tokenAt(source, at, last, templates);
    at = end;
    if (token === null) continue;
    last = token;
    yield token;
  }
}

/** The token that begins there and where it ends; null for a blank or a comment. */
function tokenAt(
  source: string,
  at: number,
  last: Token,
  templates: number[],
): { readonly token: Token | null; readonly end: number } {
  const char = source[at] ?? "";
  const innermost = templates.length - 1;
  if (/\s/.test(char)) return { token: null, end: at + 1 };
  if (source.startsWith("//", at)) return { token: null, end: endOf(source, "\n", at) };
  if (source.startsWith("/*", at)) return { token: null, end: endOf(source, "*/", at + 2) };
  if (char === "/" && mayBeginRegex(last)) {
    const end = endOfRegex(source, at);
    return end === null ? { token: sign(char), end: at + 1 } : { token: literal(""), end };
  }
  if (char === '"' || char === "'") {
    const end = endOfString(source, at, char);
    return { token: literal(source.slice(at + 1, end - 1)), end };
  }
  if (char === "`" || (char === "}" && templates[innermost] === 0)) {
    if (char === "}") templates.pop();
    const { end, opens } = endOfTemplatePart(source, at + 1);
    if (opens) templates.push(0);
    return { token: opens ? sign("{") : literal(""), end };
  }
  if (isOfWord(char)) {
    let end = at + 1;
    while (isOfWord(source[end] ?? "")) end += 1;
    return { token: { kind: "word", text: source.slice(at, end) }, end };
  }
  if (innermost >= 0 && char === "{") templates[innermost] = (templates[innermost] ?? 0) + 1;
  if (innermost >= 0 && char === "}") templates[innermost] = (templates[innermost] ?? 0) - 1;
  return { token: sign(char), end: at + 1 };
}

function sign(text: string): Token {
  return { kind: "sign", text };
}

function literal(text: string): Token {
  return { kind: "string", text };
}

function isOfWord(char: string): boolean {
  return /[\w$]/.test(char) || char > "\u007f";
}

function mayBeginRegex({ kind, text }: Token): boolean {
  switch (kind) {
    case "word":
      return operators.includes(text);
    case "string":
      return false;
    case "sign":
      return text !== ")" && text !== "]";
  }
}

function endOf(source: string, what: string, from: number): number {
  const found = source.indexOf(what, from);
  return found < 0 ? source.length : found + what.length;
}

function endOfString(source: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < source.length && source[at] !== quote && source[at] !== "\n") at += source[at] === "\\" ? 2 : 1;
  return Math.min(at + 1, source.length);
}

/** A longer one is none, so that many slashes cost no more than that each. */
const longestRegex = 1_000;

/** Null where the line ends before: then the slash divides. */
function endOfRegex(source: string, from: number): number | null {
  let isClass = false;
  let at = from + 1;
  while (at < source.length && source[at] !== "\n" && at - from < longestRegex) {
    const char = source[at];
    if (char === "/" && !isClass) return at + 1;
    if (char === "[") isClass = true;
    if (char === "]") isClass = false;
    at += char === "\\" ? 2 : 1;
  }
  return null;
}

/** Up to the back quote, or to code between `${` and `}`. */
function endOfTemplatePart(source: string, from: number): { readonly end: number; readonly opens: boolean } {
  let at = from;
  while (at < source.length) {
    if (source[at] === "`") return { end: at + 1, opens: false };
    if (source[at] === "$" && source[at + 1] === "{") return { end: at + 2, opens: true };
    at += source[at] === "\\" ? 2 : 1;
  }
  return { end: source.length, opens: false };
}
