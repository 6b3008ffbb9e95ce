import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createGenerator, type Schema } from "ts-json-schema-generator";

/**
 * Writes the JSON schemas of what programs may rely on into schemas/, from the types and their comments: `npm run
 * schemas`. Fields are added in time, so no schema forbids those that it does not know.
 */
const root = join(import.meta.dirname, "..");

const contracts = [
  { file: "connection-record", type: "StoredRecord", path: "lambda/report/record.ts" },
  { file: "event", type: "EventData", path: "lambda/tell/event-data.ts" },
] as const;

/** The schemas by their path from the root of the project, as text. */
export function jsonSchemas(): ReadonlyMap<string, string> {
  return new Map(
    contracts.map(({ file, type, path }) => {
      const schema: Schema = createGenerator({
        path: join(root, path),
        tsconfig: join(root, "tsconfig.json"),
        type,
        additionalProperties: true,
        // The compiler of the project checks the types; this one only reads them.
        skipTypeCheck: true,
      }).createSchema(type);
      return [`schemas/${file}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`];
    }),
  );
}

if (import.meta.main) for (const [path, text] of jsonSchemas()) writeFileSync(join(root, path), text);
