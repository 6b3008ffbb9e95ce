export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** The value of `Ref` (attribute null) or `Fn::GetAtt` of a logical id; throws for those that it does not know. */
export type Resolve = (logicalId: string, attribute: string | null) => string;

/** The text that a value of a template stands for. Throws for every intrinsic function but those that are read here. */
export function resolveText(value: Json | undefined, resolve: Resolve): string {
  if (typeof value === "string") return value;
  if (value !== undefined && value !== null && typeof value === "object" && !Array.isArray(value)) {
    const { Ref, "Fn::GetAtt": attribute, "Fn::Join": join } = value;
    if (typeof Ref === "string") return resolve(Ref, null);
    if (Array.isArray(attribute)) return resolve(text(attribute[0]), text(attribute[1]));
    if (Array.isArray(join)) return (join[1] as Json[]).map((part) => resolveText(part, resolve)).join(text(join[0]));
  }
  throw new Error(`a text expected, or an intrinsic that is understood here, got ${JSON.stringify(value)}`);
}

function text(value: Json | undefined): string {
  if (typeof value !== "string") throw new Error(`a string expected, got ${JSON.stringify(value)}`);
  return value;
}
