import { printable } from "../text/printable.ts";
import { member, outline } from "./api-value.ts";
import { type Configuration, type ConfigurationProblem, notChecked, unclear } from "./configuration.ts";
import { readTemplateDistribution, unreadDistribution } from "./read-template-distribution.ts";
import { unknownScope } from "./scope.ts";
import { both, policiesOf } from "./template-policies.ts";
import { type Resource, stacksOf, type TemplateFile } from "./template-stack.ts";
import { putIn, strayTenants, unreadParts } from "./template-unread.ts";

export type TemplatesResult =
  | (Configuration & {
      /** What a template's author should know although it was read, one sentence each. */
      readonly remarks: readonly string[];
      /** Where each distribution is written, by its id. */
      readonly written: ReadonlyMap<string, WrittenResource>;
    })
  | { readonly kind: "unrecognised"; readonly problem: string };

/** Where a resource of a template is written. */
export type WrittenResource = {
  /** The template's, as in its file; empty for the only one. */
  readonly path: string;
  readonly logicalId: string;
  /** The path of the construct that made it, where the CDK says so in the metadata. */
  readonly construct: string | null;
};

/**
 * Reads the distributions of CloudFormation templates, with the policies, VPC origins and tenants of the same templates,
 * before anything is deployed. Values that only the deployment settles stay open; where a condition is open, a
 * distribution is read as it would be with each answer. Distributions are named by their logical ids, after the stack
 * where there are several; policies by the placeholders that stand for their ids.
 *
 * @param given values for parameters, by name; pseudo parameters such as `AWS::Region` too
 */
export function readTemplates(files: readonly TemplateFile[], given: ReadonlyMap<string, string>): TemplatesResult {
  const all = stacksOf(files, given);
  const empty = all.empty.map((file) => {
    const problem = `expected a CloudFormation template with Resources, got ${outline(file.template)}`;
    return file.path === "" ? problem : `${printable(file.path, 200)}: ${problem}`;
  });
  const [first] = empty;
  if (first !== undefined && all.stacks.length === 0) return { kind: "unrecognised", problem: first };
  const ofTemplates = policiesOf(all.stacks);
  let policies = ofTemplates.known;
  const problems = [...all.problems, ...ofTemplates.problems, ...unknownParameters(files, given)];
  const unreadable = [...empty, ...unreadParts(all), ...strayTenants(all)].map(unread);
  const remarks: string[] = [];
  const distributions = all.stacks.flatMap((stack) =>
    stack.resources.filter(isDistribution).flatMap((resource) => {
      const included = putIn(member(resource.value, "Properties").value);
      if (included !== null) {
        const unreadOnes = unreadDistribution(resource, stack, included);
        const problem = `it holds ${included}, which is not read`;
        if (unreadOnes.length > 0) unreadable.push(notChecked(`${stack.context.prefix}${resource.id}`, problem));
        return unreadOnes;
      }
      const read = readTemplateDistribution(resource, stack, { stacks: all.stacks, policies: ofTemplates });
      if (read.kind === "unreadable") {
        unreadable.push(notChecked(`${stack.context.prefix}${resource.id}`, read.problem));
        return [];
      }
      policies = both(policies, read.policies);
      problems.push(...read.problems);
      remarks.push(...read.remarks);
      return read.distributions;
    }),
  );
  if (all.budget.left <= 0)
    unreadable.push(unread("there is more to be worked out than a template can hold, so that not all of it is read"));
  return {
    kind: "configuration",
    distributions,
    policies,
    problems: [...unclear([...new Set(problems)]), ...unreadable],
    remarks,
    written: new Map(
      all.stacks.flatMap(({ context, resources, file }) =>
        resources.filter(isDistribution).map(({ id, value }) => {
          const construct = member(member(value, "Metadata"), "aws:cdk:path").value;
          const written = {
            path: file.path,
            logicalId: id,
            construct: typeof construct === "string" ? construct : null,
          };
          return [`${context.prefix}${id}`, written];
        }),
      ),
    ),
  };
}

function isDistribution({ type }: Resource): boolean {
  return type === "AWS::CloudFront::Distribution";
}

function unread(message: string): ConfigurationProblem {
  return { code: "distribution-unreadable", message, remedy: "", scope: unknownScope };
}

function unknownParameters(files: readonly TemplateFile[], given: ReadonlyMap<string, string>): readonly string[] {
  const declared = files.map(({ template }) => member({ path: "", value: template }, "Parameters"));
  return [...given.keys()]
    .filter((name) => !name.startsWith("AWS::") && declared.every((part) => member(part, name).value === undefined))
    .map(
      (name) => `${files.length === 1 ? "the template has no" : "no template has a"} parameter ${printable(name, 64)}`,
    );
}
