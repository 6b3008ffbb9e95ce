import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type ParsedNode, parseDocument } from "yaml";
import { printable } from "../../../../lambda/text/printable.ts";

export type TemplateText =
  | { readonly kind: "template"; readonly value: unknown }
  | { readonly kind: "unreadable"; readonly problem: string };

/**
 * Twice the 1 MB that CloudFormation takes, so that this refuses nothing that it would not. Reading YAML takes seconds for
 * a megabyte, and minutes for a wrong file.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const mostCharacters = 2_097_152;
/** Aliases could unfold a small text into a large value. */
const mostNodes = 200_000;

/**
 * Reads a CloudFormation template in YAML, of which JSON is a part, with the short forms of intrinsic functions
 * (`!Ref Name`, `!GetAtt Balancer.DNSName`) in their long form
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).
 */
export function readTemplateText(text: string): TemplateText {
  if (text.trim() === "") return { kind: "unreadable", problem: "it is empty" };
  if (text.length > mostCharacters) return { kind: "unreadable", problem: "it is larger than CloudFormation takes" };
  try {
    return read(text);
  } catch (error) {
    // The stack ran out: nothing that a person or a tool writes nests like that, but an anchor can contain itself.
    if (error instanceof RangeError) return tooDeep;
    throw error;
  }
}

const tooDeep = { kind: "unreadable", problem: "it is nested too deeply" } as const;

function read(text: string): TemplateText {
  const document = parseDocument(text, { logLevel: "silent", uniqueKeys: true });
  const [error] = document.errors;
  if (error?.code === "RESOURCE_EXHAUSTION") return tooDeep;
  if (error !== undefined) return { kind: "unreadable", problem: printable(error.message.split("\n")[0] ?? "", 200) };
  let nodes = 0;
  const value = plainValue(document.contents);
  return nodes > mostNodes ? { kind: "unreadable", problem: "it is too large" } : { kind: "template", value };

  function plainValue(node: Node | ParsedNode | null | undefined): unknown {
    nodes += 1;
    if (node === null || node === undefined || nodes > mostNodes) return null;
    if (isAlias(node)) return plainValue(node.resolve(document as Document));
    return longForm(node.tag, bare(node));
  }

  function bare(node: Node): unknown {
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item) => plainValue(item as Node));
    if (!isMap(node)) return null;
    return Object.fromEntries(
      node.items.map((pair) => [String(plainValue(pair.key as Node)), plainValue(pair.value as Node | null)]),
    );
  }
}

/** `!Ref x` is `{ Ref: x }`, `!Condition x` likewise, and every other `!Name x` is `{ "Fn::Name": x }`. */
function longForm(tag: string | undefined, value: unknown): unknown {
  const name = /^!([A-Za-z]+)$/.exec(tag ?? "")?.[1];
  if (name === undefined) return value;
  return { [name === "Ref" || name === "Condition" ? name : `Fn::${name}`]: value };
}
