import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject } from "../../../lib/one-file/json.ts";

/**
 * What CloudFormation makes of a template for given parameters, as far as these decide it: parameters, conditions and
 * mappings are put in, and references to resources and to what the account is stay. Throws where CloudFormation would
 * refuse, and for what it does not understand, so that nothing is overlooked.
 *
 * @param given values by name; what is left out gets its default
 */
export function evaluate(template: JsonObject, given: Readonly<Record<string, string>>): JsonObject {
  const { Parameters, Conditions, Mappings, ...rest } = template;
  const parameters = objectOf(Parameters);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(parameters, name));
  if (unknown !== undefined) throw new Error(`no parameter ${unknown}`);
  const values = new Map(
    Object.entries(parameters).map(([name, parameter]) => [name, accepted(name, objectOf(parameter), given[name])]),
  );
  const conditions = new Map(
    Object.entries(objectOf(Conditions)).map(([name, condition]) => {
      const { "Fn::Equals": operands, ...others } = objectOf(condition);
      if (!Array.isArray(operands) || Object.keys(others).length > 0) throw new Error(`condition ${name}`);
      const [one, other] = operands.map((operand) => resolved(operand));
      return [name, isDeepStrictEqual(one, other)];
    }),
  );

  function resolved(value: Json): Json {
    if (Array.isArray(value)) return value.map(resolved).filter((each) => !isNoValue(each));
    if (!isObject(value)) return value;
    const { Ref, "Fn::FindInMap": find, "Fn::If": choice } = value;
    if (typeof Ref === "string") return values.get(Ref) ?? value;
    if (Array.isArray(find)) {
      const found = find
        .map(resolved)
        .reduce((from: Json, key) => objectOf(from)[textOf(key)] ?? null, Mappings ?? null);
      if (typeof found !== "string") throw new Error(`${JSON.stringify(find)} is not in the mapping`);
      return found;
    }
    if (Array.isArray(choice)) {
      const [name = null, yes = null, no = null] = choice;
      const holds = conditions.get(textOf(name));
      if (holds === undefined) throw new Error(`no condition ${textOf(name)}`);
      return resolved(holds ? yes : no);
    }
    const unread = Object.keys(value).find((key) => key.startsWith("Fn::") && !understood.includes(key));
    if (unread !== undefined) throw new Error(`${unread}, which this evaluator does not understand`);
    const entries = Object.entries(value).map(([key, each]) => [key, resolved(each)] as const);
    return Object.fromEntries(entries.filter(([, each]) => !isNoValue(each)));
  }

  return objectOf(resolved(rest));
}

/** Functions that stand for what is known only in an account, or whose operands are resolved and that is all. */
const understood = ["Fn::GetAtt", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub"];

function accepted(name: string, parameter: JsonObject, given: string | undefined): string {
  const { AllowedValues, AllowedPattern, Default } = parameter;
  const value = given ?? (typeof Default === "number" ? String(Default) : Default);
  if (typeof value !== "string") throw new Error(`no value for ${name}`);
  const isListed = !Array.isArray(AllowedValues) || AllowedValues.includes(value);
  const matches = typeof AllowedPattern !== "string" || new RegExp(`^(?:${AllowedPattern})$`).test(value);
  if (!isListed || !matches) throw new Error(`${name} may not be ${value}`);
  return value;
}

function isNoValue(value: Json): boolean {
  return isObject(value) && value.Ref === "AWS::NoValue";
}

export function objectOf(value: Json | undefined): JsonObject {
  if (value === undefined) return {};
  if (!isObject(value)) throw new Error(`an object expected, got ${JSON.stringify(value)}`);
  return value;
}

export function textOf(value: Json | undefined): string {
  if (typeof value !== "string") throw new Error(`a text expected, got ${JSON.stringify(value)}`);
  return value;
}
