import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reasonQuery } from "../../lambda/tell/distribution-parts.ts";
import {
  distributionPlaceholder,
  indexedFields,
  originPlaceholder,
  queryText,
  savedQueries,
} from "../../lib/saved-queries.ts";
import { connectionRecord, report, use } from "../tell/records.ts";
import { eventsOf, mostFields } from "./log-events.ts";
import { runQuery } from "./query.ts";
import { logOf, sampleRuns } from "./sample-log.ts";
import { tableOf } from "./table.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/queries.md"), "utf8");
const sections = new Map(page.split(/^## /m).map((section) => [section.split("\n")[0] ?? "", section]));
const reading = { nulls: "missing", latest: "newest-event" } as const;

describe("docs/queries.md", () => {
  const lines = logOf(sampleRuns);

  test.each(savedQueries)("shows $name as it is saved, and what it answers", (query) => {
    const filled = queryText(query)
      .replaceAll(distributionPlaceholder, "E2EXAMPLE")
      .replaceAll(originPlaceholder, "media.example.com:443");
    const answer = tableOf(runQuery(filled, eventsOf(lines, reading), reading));
    expect(sections.get(query.name)).toContain(`\`\`\`text\n${queryText(query)}\n\`\`\``);
    expect(sections.get(query.name)).toContain(`\`\`\`text\n${answer}\n\`\`\``);
  });

  test("describes every record that is logged, by its fields, and names those with an index", () => {
    const kinds = Map.groupBy(
      lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ message }) => message !== undefined),
      ({ message }) => String(message),
    );
    expect([...kinds.keys()].toSorted()).toEqual(["connection", "incident", "origin", "run"]);
    const described = sections.get("What is in the log") ?? "";
    for (const [kind, records] of kinds) {
      const row = described.split("\n").find((line) => line.startsWith(`| \`${kind}\` |`)) ?? "";
      const common = new Set(["level", "message", "timestamp", "service", "runId"]);
      const fields = new Set(records.flatMap((record) => Object.keys(record)).filter((field) => !common.has(field)));
      // Those of a connection's record are in docs/terminal.md.
      const own = kind === "connection" ? ["origin", "verdict", "distributionIds"] : [...fields];
      for (const field of own) expect(row).toContain(`\`${field}\``);
    }
    const indexed = /There is an index on ([^:]*):/.exec(described)?.[1] ?? "";
    expect([...indexed.matchAll(/`(\w+)`/g)].map(([, field]) => field)).toEqual(indexedFields);
  });
});

test("the query for CloudFront's own log is the one that messages have", () => {
  expect(sections.get("CloudFront's own reason")).toContain(`\`\`\`text\n${reasonQuery.join("\n| ")}\n\`\`\``);
});

test("a connection of many aliases keeps in front what queries ask for", () => {
  const aliases = Array.from({ length: 400 }, (_, index) => `a${index}.example.com`);
  const [event] = eventsOf(
    logOf([report([connectionRecord("a.example.com", { uses: [use("E1", { aliases })] })])]),
    reading,
  );
  expect(event?.fields.size).toBe(mostFields);
  const known = ["message", "origin", "verdict", "distributionIds"].map((name) => event?.fields.get(name));
  expect(known).toEqual(["connection", "a.example.com:443", "healthy", "E1"]);
  expect(event?.fields.has("observed.addresses.0.ms")).toBe(false);
});
