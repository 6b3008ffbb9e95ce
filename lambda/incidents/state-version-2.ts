/**
 * Brings a state of version 2 into the form of version 3, which has more to say of each entry. Whether it is a state at
 * all is decided afterwards, so whatever is not of the form of version 2 stays as it is.
 */
export function fromVersion2(json: unknown): unknown {
  if (!isObject(json)) return json;
  return {
    ...json,
    schemaVersion: 3,
    incidents: withEach(json.incidents, { kind: "connection", scopes: [], scopeCount: 0 }),
    ended: withEach(json.ended, { kind: "connection" }),
    problems: withEach(json.problems, { scope: null }),
    mutes: [],
  };
}

function withEach(list: unknown, added: object): unknown {
  return Array.isArray(list) ? list.map((entry: unknown) => (isObject(entry) ? { ...added, ...entry } : entry)) : list;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
