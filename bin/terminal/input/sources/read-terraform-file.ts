import { dirname } from "node:path";
import { documentKind } from "../../../../lambda/configuration/document-kind.ts";
import { readTerraform } from "../../../../lambda/configuration/read-terraform.ts";
import { both } from "../../../../lambda/configuration/template-policies.ts";
import { counted } from "../../../../lambda/text/phrase.ts";
import { readDocuments } from "../documents.ts";
import { readText } from "../read-file.ts";
import type { Reading } from "../source.ts";
import { terraformPlaces } from "../terraform-places.ts";
import { readPoliciesFile } from "./read-configuration.ts";

/** Larger than what somebody takes for a plan by mistake. */
const mostCharacters = 4_000_000;

export type TerraformFile = {
  /** A path, or `-` for standard input. */
  readonly file: string;
  /** Saved policies, null where none are given. */
  readonly policiesFile: string | null;
  readonly changedOnly: boolean;
};

/** Reads what `terraform show -json` printed, or says what to give in place of the file. */
export function readTerraformFile({ file, policiesFile, changedOnly }: TerraformFile): Reading {
  const saved = readPoliciesFile(policiesFile);
  if (saved.kind === "unreadable") return saved;
  const read = readText(file);
  if (read.kind === "unreadable") return read;
  const result = readTerraform(read.text, { changedOnly });
  if (result.kind === "unrecognised") {
    const advice = result.isOther ? adviceOn(read.text) : null;
    return { kind: "unreadable", message: `cannot read ${read.name}: ${advice ?? result.problem}` };
  }
  const { unchanged, ...configuration } = result;
  const stay = `${counted(unchanged, "CloudFront distribution")} ${unchanged === 1 ? "stays" : "stay"} as before`;
  return {
    ...configuration,
    ...(unchanged === 0
      ? {}
      : { whyEmpty: `nothing to check: ${stay}, and --changed leaves out what the plan does not change` }),
    policies: both(result.policies, saved.policies),
    problems: [...result.problems, ...saved.problems],
    remarks: [...result.remarks, ...saved.remarks],
    placeOf: terraformPlaces(file === "-" ? "." : dirname(file), result.written),
  };
}

/** What to do with something that is not Terraform's, null where it is not known either. */
function adviceOn(text: string): string | null {
  if (text.length > mostCharacters) return null;
  const documents = readDocuments(text);
  if (documents.kind === "unreadable") return null;
  const found = documentKind(documents.values[0]);
  switch (found.kind) {
    case "foreign":
      return found.advice;
    case "template":
    case "template-text":
      return "this is a template of CloudFormation: give it to `check template`";
    case "answer":
      return "this is not Terraform's: give an answer of CloudFront's API to `check config`";
    case "unknown":
      return null;
  }
}
