import type { Documents } from "./document-text.ts";
import { jsonDuplicates, jsonValues } from "./json-text.ts";
import { readYaml } from "./yaml-text.ts";

/**
 * Twice the 1 MB that CloudFormation takes for a template, so that this refuses nothing that it would not. JSON is read
 * much faster, and answers of the API can be long.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const mostYamlCharacters = 2_097_152;

/** Reads JSON or YAML: a template, or what somebody saved from the AWS CLI, several outputs in one file too. */
export function readDocuments(text: string): Documents {
  if (text.trim() === "") return { kind: "unreadable", problem: "it is empty" };
  const json = /^\s*[[{]/.test(text) ? jsonValues(text) : null;
  if (json !== null) {
    const remarks = text.length > mostYamlCharacters ? [] : jsonDuplicates(text);
    return { kind: "documents", values: json, remarks };
  }
  if (text.length > mostYamlCharacters) {
    return { kind: "unreadable", problem: "it is larger than CloudFormation takes, and it is not JSON" };
  }
  return readYaml(text);
}
