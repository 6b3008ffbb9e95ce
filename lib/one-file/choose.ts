import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject } from "./json.ts";

/** For each choice, the values that depend on it, by a name for each place. */
export type Mapping = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type Choosing = {
  /** What the variants have in common, with a look into the mapping wherever they differ. */
  readonly template: JsonObject;
  readonly mapping: Mapping;
};

/**
 * Makes one template out of one for each choice: what is the same stays, and where they differ CloudFormation looks the
 * value up by the parameter. So a stack for a choice is what the constructs make of it, and whatever comes to depend on
 * it follows without being listed here.
 *
 * @param variants the template for each choice; at least one
 * @param mappingName logical id of the mapping
 * @param parameterName logical id of the parameter whose values are the choices
 * @throws Error where variants differ in more than a text or a number of a resource's property
 */
export function chooseByParameter(
  variants: ReadonlyMap<string, JsonObject>,
  mappingName: string,
  parameterName: string,
): Choosing {
  const mapping = new Map([...variants.keys()].map((choice) => [choice, {} as Record<string, string>]));

  function lookup(path: readonly string[], values: readonly (string | number)[]): JsonObject {
    // An attribute of a mapping has letters and digits in its name and nothing else.
    const [, logicalId, , ...property] = path;
    const attribute = [logicalId, ...property].join("").replaceAll(/[^A-Za-z0-9]/g, "");
    for (const [index, attributes] of [...mapping.values()].entries()) {
      if (Object.hasOwn(attributes, attribute)) throw new Error(`${path.join(".")}: ${attribute} is taken`);
      attributes[attribute] = String(values[index]);
    }
    return { "Fn::FindInMap": [mappingName, { Ref: parameterName }, attribute] };
  }

  function merged(path: readonly string[], values: readonly Json[]): Json {
    const [first = null] = values;
    if (values.every((value) => isDeepStrictEqual(value, first))) return first;
    if (values.every((value) => typeof value === "string" || typeof value === "number")) {
      if (!isLookupAllowed(path)) throw new Error(`${path.join(".")} depends on ${parameterName} where it cannot`);
      return lookup(path, values);
    }
    if (values.every((value) => Array.isArray(value)) && sameSize(values)) {
      const [list = []] = values;
      const item = (at: number) => values.map((value) => value[at] ?? null);
      return list.map((_, at) => merged([...path, String(at)], item(at)));
    }
    if (values.every(isObject) && sameKeys(values)) {
      const keys = Object.keys(values[0] ?? {});
      const part = (key: string) => values.map((value) => value[key] ?? null);
      return Object.fromEntries(keys.map((key) => [key, merged([...path, key], part(key))]));
    }
    throw new Error(`${path.join(".")} has not the same form for every ${parameterName}`);
  }

  const template = merged([], [...variants.values()]);
  if (!isObject(template)) throw new Error("no variants");
  return { template, mapping: Object.fromEntries(mapping) };
}

/**
 * CloudFormation looks values up in properties only, and of the functions that a template's resources use only
 * `Fn::Join` takes what was looked up.
 */
function isLookupAllowed([section, , part, ...path]: readonly string[]): boolean {
  const isProperty = section === "Resources" && part === "Properties";
  return isProperty && path.every((key) => key === "Fn::Join" || !/^(?:Fn::|Ref$)/.test(key));
}

function sameSize(values: readonly (readonly Json[])[]): boolean {
  return values.every(({ length }) => length === values[0]?.length);
}

function sameKeys(values: readonly JsonObject[]): boolean {
  return values.every((value) => isDeepStrictEqual(Object.keys(value), Object.keys(values[0] ?? {})));
}
