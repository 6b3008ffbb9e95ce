import { isObject, member, type Part } from "./api-value.ts";

/** What somebody gave us, by its shape. */
export type DocumentKind =
  /** An object with Resources, as CloudFormation takes it. */
  | { readonly kind: "template"; readonly template: unknown }
  /** The same as text, in JSON or YAML. */
  | { readonly kind: "template-text"; readonly text: string }
  /** An answer of CloudFront's API. */
  | { readonly kind: "answer"; readonly answer: unknown }
  /** Something else that configures CloudFront: a sentence that says what to give in its place. */
  | { readonly kind: "foreign"; readonly advice: string }
  | { readonly kind: "unknown" };

/** Recognises a template, an answer of the API, and what people take for one of these. */
export function documentKind(value: unknown): DocumentKind {
  const document: Part = { path: "", value };
  const body = member(document, "TemplateBody").value;
  if (typeof body === "string") return { kind: "template-text", text: body };
  if (isObject(body)) return { kind: "template", template: body };
  const described = fromCloudControl(document);
  if (described !== null) return { kind: "template", template: described };
  const foreign = foreigners.find(({ is }) => is(document));
  if (foreign !== undefined) return { kind: "foreign", advice: foreign.advice };
  if (isObject(member(document, "Resources").value)) return { kind: "template", template: value };
  return Array.isArray(value) || answerMembers.some((name) => member(document, name).value !== undefined)
    ? { kind: "answer", answer: value }
    : { kind: "unknown" };
}

const answerMembers = ["DistributionList", "Distribution", "DistributionConfig", "Items", "Origins"];

/**
 * The answer of `aws cloudcontrol get-resource` or `list-resources` as a template with these resources, null where it is
 * none. Cloud Control describes a resource as CloudFormation does, in a text of JSON
 * (https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_ResourceDescription.html).
 */
function fromCloudControl(document: Part): unknown {
  const type = member(document, "TypeName").value;
  const one = member(document, "ResourceDescription").value;
  const several = member(document, "ResourceDescriptions").value;
  const descriptions: readonly unknown[] = Array.isArray(several) ? several : one === undefined ? [] : [one];
  if (typeof type !== "string" || descriptions.length === 0) return null;
  const resources = descriptions.map((value, index) => {
    const part: Part = { path: "", value };
    const id = member(part, "Identifier").value;
    const properties = member(part, "Properties").value;
    const Properties = typeof properties === "string" ? parsed(properties) : properties;
    return [typeof id === "string" ? id : `resource-${index + 1}`, { Type: type, Properties }] as const;
  });
  return { Resources: Object.fromEntries(resources) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const deployedInstead =
  "give the output of `aws cloudfront get-distribution-config --id ID` or `list-distributions` instead, to `check config`";

const foreigners: readonly { readonly is: (document: Part) => boolean; readonly advice: string }[] = [
  {
    is: (document) => has(document, "service", "provider") && !has(document, "Resources"),
    advice:
      "this is the input of the Serverless Framework: run `serverless package`, " +
      "and check .serverless/cloudformation-template-update-stack.json",
  },
  {
    is: (document) =>
      has(document, "format_version") && hasAny(document, "planned_values", "resource_changes", "values"),
    advice: "this is a plan or a state of Terraform: give it to `check terraform`",
  },
  {
    is: (document) => has(document, "terraform_version", "resources"),
    advice:
      "this is the file in which Terraform keeps its state: run `terraform show -json` in its folder, and give what it prints to `check terraform`",
  },
  {
    is: (document) => has(document, "deployment") && isObject(member(document, "deployment").value),
    advice: `this is a state of Pulumi, which is not read; ${deployedInstead}`,
  },
  {
    is: (document) => has(document, "steps", "changeSummary"),
    advice: `this is a preview of Pulumi, which is not read; once it is deployed, ${deployedInstead}`,
  },
  {
    is: (document) => has(document, "configurationItems") || has(document, "resourceType", "configuration"),
    advice: `this is an export of AWS Config, which is not read; ${deployedInstead}`,
  },
  {
    is: ({ value }) => rowsOf(value).some((row) => has({ path: "", value: row }, "default_cache_behavior", "origins")),
    advice: `this is an export of Steampipe, which is not read; ${deployedInstead}`,
  },
];

function rowsOf(value: unknown): readonly unknown[] {
  const rows = isObject(value) ? value.rows : value;
  return Array.isArray(rows) ? rows : [value];
}

function hasAny(document: Part, ...names: readonly string[]): boolean {
  return names.some((name) => has(document, name));
}

function has(document: Part, ...names: readonly string[]): boolean {
  return names.every((name) => member(document, name).value !== undefined);
}
