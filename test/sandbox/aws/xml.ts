import { randomUUID } from "node:crypto";
import type { AwsReply } from "./exchange.ts";

/**
 * An element with text or child elements, from a plain object.
 *
 * Undefined members are left out. The items of an array become elements called `memberName(structure)`, where the
 * structure is the one that has the list: AWS's lists are `{ Quantity, Items }`.
 */
export function element(name: string, value: unknown, memberName: (parent: string) => string = unexpectedList): string {
  return write(name, value, "", memberName);
}

/** A whole document, with the namespace on its root element. */
export function document(xml: string, namespace?: string): string {
  const qualified = namespace === undefined ? xml : xml.replace(/^<([A-Za-z]+)/, `<$1 xmlns="${namespace}"`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${qualified}`;
}

/** The error document of the query protocol and of REST-XML without `noErrorWrapping`: CloudFront's and SNS's. */
export function wrappedError(status: number, code: string, message: string, namespace: string): AwsReply {
  const error = { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message };
  const body = document(element("ErrorResponse", { Error: error, RequestId: randomUUID() }), namespace);
  return { status, headers: { "content-type": "text/xml" }, body };
}

function write(name: string, value: unknown, parent: string, memberName: (parent: string) => string): string {
  if (value === undefined) return "";
  return `<${name}>${content(name, value, parent, memberName)}</${name}>`;
}

function content(name: string, value: unknown, parent: string, memberName: (parent: string) => string): string {
  if (Array.isArray(value)) {
    const member = memberName(name === "Items" ? parent : name);
    return value.map((item) => write(member, item, name, memberName)).join("");
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([child, childValue]) => write(child, childValue, name, memberName))
      .join("");
  }
  return escapeText(String(value));
}

/** Carriage returns must be written as references or the parser turns them into line feeds (XML 1.0 §2.11). */
function escapeText(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function unexpectedList(parent: string): string {
  throw new Error(`no member element known for a list in ${parent}`);
}
