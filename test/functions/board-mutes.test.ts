import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { boardOf } from "../../lambda/board/board.ts";
import { serializeBoard } from "../../lambda/board/board-format.ts";
import { answerableMs } from "../../lambda/incidents/board-questions.ts";
import { type MuteFile, parseMuteFile } from "../../lambda/incidents/mute-file.ts";
import { muteParameters } from "../../lambda/pages/mute-call.ts";
import { isAllowed, unusedActions } from "../lib/iam.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import {
  BOARD_KEY,
  BOARD_MUTES_ARN,
  deployFunction,
  FUNCTIONS,
  rightsOf,
  STATE_BUCKET,
} from "../sandbox/deployment.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import { chainIncomplete, connectionRecord, report } from "../tell/records.ts";
import { putState } from "./put-state.ts";

// A mute from the board, as CloudWatch takes it there: the page of an origin, the question, the answer.

let assembly: Assembly;
let aws: AwsEndpoint;
let mutes: LocalFunction;

beforeAll(async () => {
  assembly = await synthesise({ boardMutes: true });
});
afterAll(() => assembly.remove());
beforeEach(async () => {
  const rights = rightsOf(assembly, FUNCTIONS.boardMutes);
  aws = await startAwsEndpoint({
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource) => isAllowed(rights, { action, resource }),
  });
  mutes = await deployFunction(assembly, FUNCTIONS.boardMutes, aws);
});
afterEach(async () => {
  await Promise.all([mutes.close(), aws.close()]);
});

const origin = "api.example.com";
const wish = { origin, account: ACCOUNT_ID, time: "4h" } as const;
const place = { widgetContext: { theme: "dark", width: 900, params: {}, accountId: ACCOUNT_ID } };

async function answerTo(parameters: object, to: LocalFunction = mutes): Promise<string> {
  const { value } = await to.invoke({ event: { ...place, ...parameters } });
  return String(value);
}

/** What the buttons of a page call, with what: as the console reads it. */
function callsIn(
  page: string,
): { readonly endpoint: string; readonly parameters: Readonly<Record<string, unknown>> }[] {
  const actions = page.matchAll(/<cwdb-action action="call" display="\w+" endpoint="([^"]+)">([^<]*)<\/cwdb-action>/g);
  return [...actions].map(([, endpoint = "", json = ""]) => ({ endpoint, parameters: JSON.parse(json) }));
}

/** The answer to the question that a wish leads to. */
async function asked(about: object = wish): Promise<Readonly<Record<string, unknown>>> {
  const [call, ...others] = callsIn(await answerTo({ step: "ask", ...about }));
  expect(others).toEqual([]);
  return call?.parameters ?? {};
}

const written = () => aws.objects.versions(STATE_BUCKET, "mutes.json").at(-1);

function fileWritten(): MuteFile {
  const parsed = parseMuteFile(Buffer.from(written()?.body ?? "").toString("utf8"));
  if (parsed.kind === "unreadable") throw new Error(parsed.problem);
  return parsed.file;
}

describe("a mute from the board", () => {
  it("is offered on the page of an origin, asked about, and written once somebody says yes", async () => {
    const rights = rightsOf(assembly, FUNCTIONS.statusBoard);
    const other = await startAwsEndpoint({
      buckets: [STATE_BUCKET],
      isAllowed: (action, resource) => isAllowed(rights, { action, resource }),
    });
    const widget = await deployFunction(assembly, FUNCTIONS.statusBoard, other);
    const broken = connectionRecord(origin, { verdict: "failing", findings: [chainIncomplete] });
    const scope = { accountId: ACCOUNT_ID, accountName: null, partition: "aws" };
    const record = { ...broken, uses: broken.uses.map((use) => ({ ...use, scope })) };
    const board = boardOf(report([record]));
    other.objects.put(STATE_BUCKET, BOARD_KEY, gzipSync(serializeBoard(board)));
    putState(other, {});
    const page = await answerTo({ page: "origin", domain: origin, port: record.connection.port }, widget);
    await Promise.all([widget.close(), other.close()]);
    const calls = callsIn(page);
    expect(calls.map(({ endpoint }) => endpoint)).toEqual(Array(4).fill(BOARD_MUTES_ARN));
    expect(calls.map(({ parameters }) => parameters.time)).toEqual(["4h", "1d", "7d", "end"]);

    const question = await answerTo(calls[1]?.parameters ?? {});
    expect(question).toContain(`Hold back all alerts about ${origin} in account ${ACCOUNT_ID} for 1 day, until `);
    expect(question).toContain("Nothing is muted yet.");
    expect(written()).toBeUndefined();
    const [yes] = callsIn(question);
    expect(yes?.endpoint).toBe(mutes.definition.arn);
    const before = Date.now();
    expect(await answerTo(yes?.parameters ?? {})).toContain(`No alerts about ${origin} in account ${ACCOUNT_ID} until`);
    const [entry, ...others] = fileWritten().mutes;
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ source: "board", origin, account: ACCOUNT_ID, reason: "for 1 day", by: "unknown" });
    expect(Date.parse(entry?.until ?? "") - before).toBeGreaterThanOrEqual(86_400_000);
    expect(Date.parse(entry?.until ?? "") - Date.now()).toBeLessThanOrEqual(86_400_000);
  });

  it("takes the place of an earlier one, leaves what others asked for, and can be ended", async () => {
    const terminal = { source: "terminal", account: ACCOUNT_ID, distribution: null, origin, code: null } as const;
    const until = "2099-01-01T00:00:00.000Z";
    const entry = { ...terminal, until, reason: "is moved", by: "alice", createdAt: "2026-11-23T03:12:40.000Z" };
    aws.objects.put(STATE_BUCKET, "mutes.json", JSON.stringify({ schemaVersion: 1, mutes: [entry] }));
    for (const time of ["7d", "4h"]) await answerTo(await asked({ ...wish, time }));
    expect(fileWritten().mutes.map(({ source, reason }) => [source, reason])).toEqual([
      ["terminal", "is moved"],
      ["board", "for 4 hours"],
    ]);
    const end = { ...wish, origin: origin.toUpperCase(), time: "end" };
    expect(await answerTo(await asked(end))).toContain("is over.");
    expect(fileWritten().mutes).toEqual([entry]);
    expect(await answerTo(await asked(end))).toContain("is not muted here.");
  });

  it("is logged, without the word that confirms it", async () => {
    const yes = await asked();
    const { logs } = await mutes.invoke({ event: { ...place, ...yes } });
    expect(JSON.stringify(logs)).toContain("muted on the board");
    expect(JSON.stringify(logs)).not.toContain(String(yes.nonce));
    const kept = aws.objects.versions(STATE_BUCKET, "mute-questions.json").at(-1);
    expect(Buffer.from(kept?.body ?? "").toString("utf8")).not.toContain(String(yes.nonce));
  });
});

describe("what writes no mute", () => {
  const nonce = "A".repeat(22);

  it.each<readonly [string, object]>([
    ["a widget that loads by itself", {}],
    ["a first step alone", muteParameters(wish, null)],
    ["a word that nobody was given", muteParameters(wish, nonce)],
    ["a second step without a word", { ...muteParameters(wish, nonce), nonce: undefined }],
    ["a key that no step has", { ...muteParameters(wish, null), code: "x" }],
    ["both steps at once", { ...muteParameters(wish, null), nonce }],
    ["an origin that is none", muteParameters({ ...wish, origin: "a b" }, null)],
    ["an account that is none", muteParameters({ ...wish, account: "1" }, null)],
    ["a time that is none", { ...muteParameters(wish, null), time: "99d" }],
    ["a list", { step: ["ask", "confirm"], ...wish }],
  ])("%s", async (_, event) => {
    await answerTo(event);
    expect(written()).toBeUndefined();
  });

  it.each<readonly [string, object]>([
    ["another origin", { origin: "other.example.com" }],
    ["another account", { account: "210987654321" }],
    ["a longer time", { time: "7d" }],
  ])("a word that was given for something else: %s", async (_, other) => {
    const yes = await asked();
    expect(await answerTo({ ...yes, ...other })).toContain("Nothing was changed.");
    expect(written()).toBeUndefined();
    // Who guesses does not use up what somebody else was asked.
    expect(await answerTo(yes)).toContain("No alerts about");
  });

  it("a word that was used", async () => {
    const yes = await asked();
    await answerTo(yes);
    aws.objects.put(STATE_BUCKET, "mutes.json", '{"schemaVersion":1,"mutes":[]}');
    expect(await answerTo(yes)).toContain("Nothing was changed.");
    expect(fileWritten().mutes).toEqual([]);
  });

  it("a word that is older than ten minutes, or of the future", async () => {
    const yes = await asked();
    const key = "mute-questions.json";
    const questions = JSON.parse(
      Buffer.from(aws.objects.versions(STATE_BUCKET, key).at(-1)?.body ?? "").toString("utf8"),
    );
    for (const age of [answerableMs, -60_000]) {
      const askedAt = new Date(Date.now() - age).toISOString();
      const aged = { ...questions, questions: [{ ...questions.questions[0], askedAt }] };
      aws.objects.put(STATE_BUCKET, key, JSON.stringify(aged));
      expect(await answerTo(yes)).toContain("Nothing was changed.");
    }
    expect(written()).toBeUndefined();
  });

  it.each(["garbage", '{"schemaVersion":2,"mutes":[]}', " ".repeat(65 * 1024 * 1024)])(
    "an answer where mutes.json holds something else",
    async (body) => {
      aws.objects.put(STATE_BUCKET, "mutes.json", body);
      expect(await answerTo(await asked())).toContain("Nothing was muted:");
      expect(written()?.body.length).toBe(body.length);
    },
  );

  it("an answer where mutes.json is there and may not be read", async () => {
    aws.objects.put(STATE_BUCKET, "mutes.json", '{"schemaVersion":1,"mutes":[]}');
    const yes = await asked();
    aws.failNext("s3:GetObject", "access-denied", 1);
    await answerTo(yes);
    expect(fileWritten().mutes).toEqual([]);
  });
});

describe("the function behind it", () => {
  it("has the rights that it uses, and no others", async () => {
    await answerTo(await asked());
    const rights = rightsOf(assembly, FUNCTIONS.boardMutes);
    expect(aws.calls.filter(({ action, resource }) => !isAllowed(rights, { action, resource }))).toEqual([]);
    const byTheService = ["logs:CreateLogStream", "logs:PutLogEvents"];
    expect(unusedActions(rights, aws.calls).filter((action) => !byTheService.includes(action))).toEqual([]);
    const object = (key: string) => `arn:aws:s3:::${STATE_BUCKET}/${key}`;
    for (const action of ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]) {
      expect(isAllowed(rights, { action, resource: object("state.json") })).toBe(false);
    }
    expect(isAllowed(rights, { action: "s3:ListBucket", resource: `arn:aws:s3:::${STATE_BUCKET}` })).toBe(false);
  });

  it("may be called by nobody but those whom the account lets", () => {
    const types = Object.values(assembly.template.Resources).map(({ Type }) => Type);
    expect(types).not.toContain("AWS::Lambda::Permission");
    expect(types).not.toContain("AWS::Lambda::Url");
  });

  it("outlasts two who answer at once: both mutes are kept", async () => {
    const [one, two] = [await asked(), await asked({ ...wish, origin: "www.example.com" })];
    const second = await deployFunction(assembly, FUNCTIONS.boardMutes, aws);
    await Promise.all([answerTo(one), answerTo(two, second)]);
    await second.close();
    expect(
      fileWritten()
        .mutes.map((mute) => String(mute.origin))
        .toSorted(),
    ).toEqual([origin, "www.example.com"]);
  });
});
