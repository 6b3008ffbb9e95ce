import type { Documents } from "./document-text.ts";
import { jsonDuplicates, jsonExcess, jsonValues } from "./json-text.ts";
import { readYaml } from "./yaml-text.ts";

/**
 * Twice the 1 MB that CloudFormation takes for a template, so that this refuses nothing that it would not. Answers of the
 * API can be longer, and are JSON, which is read much faster.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const mostTemplateCharacters = 2_097_152;

/**
 * Reads JSON or YAML: a template, or what somebody saved from the AWS CLI, several outputs in one file too.
 *
 * @param isTemplate whether it is to be a template, and no answer of the API
 */
export function readDocuments(text: string, isTemplate = false): Documents {
  if (isTemplate && text.length > mostTemplateCharacters) {
    return { kind: "unreadable", problem: "it is larger than CloudFormation takes" };
  }
  if (text.trim() === "") return { kind: "unreadable", problem: "it is empty" };
  const mayBeJson = /^\s*[[{]/.test(text);
  const excess = isTemplate && mayBeJson ? jsonExcess(text) : null;
  if (excess !== null) return { kind: "unreadable", problem: excess };
  const json = mayBeJson ? jsonValues(text) : null;
  if (json !== null) {
    const remarks = text.length > mostTemplateCharacters ? [] : jsonDuplicates(text);
    return { kind: "documents", values: json, remarks };
  }
  if (text.length > mostTemplateCharacters) {
    return { kind: "unreadable", problem: "it is larger than CloudFormation takes, and it is not JSON" };
  }
  return readYaml(text);
}
