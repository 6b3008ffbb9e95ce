import { documentKind } from "../../../../lambda/configuration/document-kind.ts";
import { printable } from "../../../../lambda/text/printable.ts";
import { readDocuments } from "../documents.ts";
import { readText } from "../read-file.ts";
import type { Unreadable } from "../source.ts";

/** What stands in a file, sorted by what it is. */
export type Saved = {
  readonly kind: "saved";
  /** Answers of CloudFront's API. */
  readonly answers: readonly unknown[];
  /** CloudFormation templates. */
  readonly templates: readonly unknown[];
  /** Neither of them. */
  readonly others: readonly unknown[];
  readonly remarks: readonly string[];
};

/**
 * Reads what somebody saved: answers of the API, templates, both, one or several, in JSON or YAML.
 *
 * @param file a path, or `-` for standard input
 * @param isTemplate whether it is to be a template, and no answer of the API
 */
export function readSaved(file: string, isTemplate = false): Saved | Unreadable {
  const read = readText(file);
  return read.kind === "unreadable" ? read : sorted(read.name, read.text, isTemplate);
}

/** @param isNested the text is that of a template in an answer of the AWS CLI */
function sorted(name: string, text: string, isTemplate: boolean, isNested = false): Saved | Unreadable {
  const documents = readDocuments(text, isTemplate);
  if (documents.kind === "unreadable") {
    return { kind: "unreadable", message: `cannot read ${name}: ${documents.problem}` };
  }
  const answers: unknown[] = [];
  const templates: unknown[] = [];
  const others: unknown[] = [];
  const remarks = documents.remarks.map((remark) => `${printable(name, 200)}, ${remark}`);
  for (const value of documents.values) {
    const found = documentKind(value);
    switch (found.kind) {
      case "template":
        templates.push(found.template);
        break;
      case "answer":
        answers.push(found.answer);
        break;
      case "unknown":
        others.push(value);
        break;
      case "foreign":
        return { kind: "unreadable", message: `cannot read ${name}: ${found.advice}` };
      case "template-text": {
        const inner: Saved | Unreadable = isNested
          ? { kind: "unreadable", message: `cannot read ${name}: a template within a template` }
          : sorted(name, found.text, true, true);
        if (inner.kind === "unreadable") return inner;
        templates.push(...inner.templates, ...inner.others);
        remarks.push(...inner.remarks);
        break;
      }
    }
  }
  return { kind: "saved", answers, templates, others, remarks };
}
