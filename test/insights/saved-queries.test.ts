import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { State } from "../../lambda/incidents/state.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import {
  distributionPlaceholder,
  indexedFields,
  originPlaceholder,
  queryText,
  savedQueries,
} from "../../lib/saved-queries.ts";
import { type Deployment, deploy, STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import { eventsOf, type Reading, readings, type Value } from "./log-events.ts";
import { commandsOf, type Result, runQuery } from "./query.ts";

const distribution = "E1BOXSHOP00001";
const repaired = "expired.box.test";

let assembly: Assembly;
let box: Deployment;
/** All that the function wrote to its log in four runs, as it wrote it. */
let lines: readonly string[];
let state: State;

beforeAll(async () => {
  assembly = await synthesise();
  box = await deploy(assembly);
  const runs = [await box.handler.invoke(), await box.handler.invoke()];
  await box.account.repair(repaired);
  runs.push(await box.handler.invoke());
  const stored = box.account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1);
  state = JSON.parse(stored?.body.toString() ?? "");
  box.account.aws.failNext("cloudfront:ListDistributions", "access-denied");
  runs.push(await box.handler.invoke());
  lines = runs.flatMap(({ logs }) => logs);
});
afterAll(async () => {
  await box.close();
  assembly.remove();
});

const usual: Reading = { nulls: "missing", latest: "newest-event" };

type Filled = { readonly origin?: string };

/** A saved query with what a person would fill in. */
function textOf(name: string, { origin = "" }: Filled = {}): string {
  const query = savedQueries.find((each) => each.name === name);
  if (query === undefined) throw new Error(`there is no query ${name}`);
  return queryText(query).replaceAll(distributionPlaceholder, distribution).replaceAll(originPlaceholder, origin);
}

function ask(name: string, filled: Filled = {}, reading: Reading = usual): Record<string, Value>[] {
  return asObjects(runQuery(textOf(name, filled), eventsOf(lines, reading), reading));
}

function asObjects({ rows }: Result): Record<string, Value>[] {
  return rows.map((row) => Object.fromEntries(row));
}

type Logged = ConnectionRecord & { readonly message?: string; readonly runId?: string };
const records = () => lines.map((line) => JSON.parse(line) as Logged);
const connections = () => records().filter(({ message }) => message === "connection");
const originOf = ({ connection: { domain, port } }: ConnectionRecord) => `${domain}:${port}`;
const portOf = (domain: string) => box.account.origins.find((origin) => origin.domain === domain)?.port;

describe("the saved queries, over the log of the account in a box", () => {
  test("tell the latest verdict of each origin, the worst first", () => {
    const rows = ask("Latest verdict of each origin");
    const order = ["failing", "at-risk", "unknown", "healthy", "skipped"];
    expect(rows.map(({ result }) => String(result))).toEqual(
      rows.map(({ result }) => String(result)).toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
    );
    const found = new Map(rows.map((row) => [String(row.origin).split(":")[0], row]));
    for (const { domain, expectedVerdict, expectedCodes } of box.account.origins) {
      const row = found.get(domain);
      expect([domain, row?.result]).toEqual([domain, domain === repaired ? "healthy" : expectedVerdict]);
      if (expectedVerdict === "failing" && domain !== repaired) expect(expectedCodes).toContain(row?.finding);
    }
    expect(found.get(repaired)).toMatchObject({ finding: "none", what: "in order" });
  });

  test("tell what is open, as the state does", () => {
    const rows = ask("Open incidents");
    const shown = rows.map(({ origin, code, since, told }) => [origin, code, since, told].join(" "));
    const open = state.incidents.map(({ domain, port, code, openedAt, tellings }) =>
      [`${domain}:${port}`, code, openedAt, tellings].join(" "),
    );
    expect(shown.toSorted()).toEqual(open.toSorted());
    expect(rows.length).toBeGreaterThan(10);
    const answers = rows.map(({ answer }) => String(answer));
    expect(answers).toEqual(
      answers.toSorted((a, b) => ["504", "502", "may"].indexOf(a) - ["504", "502", "may"].indexOf(b)),
    );
    expect(new Set(answers).size).toBeGreaterThan(1);
  });

  test("tell everything about one distribution", () => {
    const rows = ask("Everything about one distribution");
    const concerned = connections().filter(({ uses }) =>
      uses.some(({ distributionId }) => distributionId === distribution),
    );
    expect(concerned.length).toBeGreaterThan(20);
    expect(rows.filter(({ message }) => message === "connection")).toHaveLength(concerned.length);
    const origins = new Set(rows.filter(({ message }) => message === "origin").map(({ origin }) => origin));
    expect(origins).toEqual(new Set(concerned.map(originOf)));
    const resolved = rows.filter(({ message, result }) => message === "incident" && result === "resolved");
    expect(resolved).toMatchObject([{ origin: `${repaired}:${portOf(repaired)}`, finding: "certificate-expired" }]);
    const times = rows.map((row) => Number(row["@timestamp"]));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  test("tell the history of one origin", () => {
    const rows = ask("History of one origin", { origin: `${repaired}:${portOf(repaired)}` });
    // Within a run they come in no particular order.
    const updates = (kind: string) => rows.filter(({ message }) => message === kind).map(({ result }) => result);
    expect(updates("origin").toReversed()).toEqual(["failing", "failing", "healthy"]);
    expect(updates("incident").toReversed()).toEqual(["opened", "open", "resolved"]);
  });

  test("tell which certificate ends next", () => {
    const rows = ask("Certificates by expiry");
    const last = records().findLast(({ message }) => message === "connection")?.runId;
    const ends = new Map<string, string>();
    for (const record of connections().filter(({ runId }) => runId === last)) {
      for (const { chain } of record.observed.addresses) {
        const end = chain[0]?.notAfter ?? "";
        const known = ends.get(originOf(record));
        if (end !== "" && (known === undefined || end < known)) ends.set(originOf(record), end);
      }
    }
    expect(new Map(rows.map(({ origin, expires }) => [origin, expires]))).toEqual(ends);
    expect(rows).toHaveLength(ends.size);
    const shown = rows.map(({ expires }) => String(expires));
    expect(shown).toEqual(shown.toSorted());
    expect(rows[0]?.days).toBeLessThan(0);
    expect(rows.some(({ origin, days }) => String(origin).startsWith(repaired) && Number(days) > 0)).toBe(true);
  });

  test("tell what changed, and when", () => {
    const rows = ask("Changes in 7 days");
    const opened = rows.filter(({ status }) => status === "opened");
    expect(opened).toHaveLength(new Set(opened.map(({ origin, code }) => [origin, code].join(" "))).size);
    const open = state.incidents.map(({ domain, port, code }) => `${domain}:${port} ${code}`);
    expect(opened.map(({ origin, code }) => [origin, code].join(" "))).toEqual(expect.arrayContaining(open));
    const over = rows.filter(({ status }) => status === "resolved");
    expect(over.map(({ origin, code }) => [origin, code])).toEqual([
      [`${repaired}:${portOf(repaired)}`, "certificate-expired"],
    ]);
    expect(opened).toHaveLength(open.length + over.length);
    expect(rows[0]?.status).toBe("resolved");
  });

  test("tell which origins are slow", () => {
    const rows = ask("Slowest origins");
    const times = connections().flatMap(({ observed }) => observed.addresses.map(({ ms }) => ms));
    expect(rows[0]?.slowest).toBe(Math.round(Math.max(...times)));
    expect(rows.map(({ runs }) => runs)).toEqual(rows.map(() => 3));
    for (const { slowest, median } of rows) expect(Number(median)).toBeLessThanOrEqual(Number(slowest));
    const slowest = rows.map((row) => Number(row.slowest));
    expect(slowest).toEqual(slowest.toSorted((a, b) => b - a));
  });

  test("tell which runs could not do everything", () => {
    expect(ask("Hampered runs")).toMatchObject([{ trouble: expect.stringContaining("no distribution is checked") }]);
  });
});

describe("each saved query", () => {
  const filled = { origin: `${repaired}:0` };

  test.each(savedQueries.map(({ name }) => name))("says the same however the language is read: %s", (name) => {
    const origin = `${repaired}:${portOf(repaired)}`;
    const answers = readings.map((reading) =>
      // An empty text and nothing look the same in a table.
      ask(name, { origin }, reading).map((row) => Object.entries(row).filter(([, value]) => value !== "")),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.length).toBeGreaterThan(0);
  });

  test.each(savedQueries.map(({ name }) => name))("asks for fields that are in the log only: %s", (name) => {
    const known = new Set(eventsOf(lines, usual).flatMap(({ fields }) => [...fields.keys()]));
    const text = commandsOf(textOf(name, filled)).join("\n");
    const made = new Set([...text.matchAll(/\bas (\w+)/g)].map(([, alias]) => alias));
    const words = text.replaceAll(/"[^"]*"/g, "").match(/@?[A-Za-z][\w.]*/g) ?? [];
    const language =
      /^(filter|fields|stats|sort|limit|by|as|and|in|like|asc|desc|latest|max|pct|count|coalesce|ispresent|@timestamp)$/;
    for (const word of words.filter((each) => !language.test(each) && !made.has(each))) expect(known).toContain(word);
  });

  test("finds its events by an index", () => {
    const filtered = savedQueries.flatMap((query) => {
      const commands = commandsOf(queryText(query));
      const aggregated = commands.findIndex((command) => command.startsWith("stats"));
      const before = commands.slice(0, aggregated < 0 ? commands.length : aggregated);
      return before.flatMap((command) => [...command.matchAll(/\b(\w+) (?:=|in) /g)].map(([, field = ""]) => field));
    });
    expect([...new Set(filtered)].toSorted()).toEqual(indexedFields.toSorted());
    for (const query of savedQueries) {
      expect(commandsOf(queryText(query))[0]).toMatch(/^filter (message|origin) (=|in) /);
    }
  });
});
