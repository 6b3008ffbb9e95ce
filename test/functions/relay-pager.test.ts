import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { State } from "../../lambda/incidents/state.ts";
import { isAllowed, type Statement, unusedActions } from "../lib/iam.ts";
import { ended, toldIncident as incident, noticeRow, noticeText } from "../relay/notices.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, rightsOf, STATE_BUCKET, topicEvent } from "../sandbox/deployment.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import { FunctionError, type LocalFunction } from "../sandbox/lambda/function.ts";
import { type PagerDutyServer, startPagerDuty } from "../sandbox/pagerduty.ts";
import { putState } from "./put-state.ts";

const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pagerduty-a1B2c3";
const key = "R0UT1NGKEYCANARY0123456789abcdef";
let assembly: Assembly;
let rights: readonly Statement[];
let folder: string;
beforeAll(async () => {
  assembly = await synthesise({ pagerDutyRoutingKey: secretArn });
  rights = rightsOf(assembly, FUNCTIONS.relay);
  folder = mkdtempSync(join(realpathSync(tmpdir()), "origin-watch-pager-"));
});
afterAll(() => {
  assembly.remove();
  rmSync(folder, { recursive: true, force: true });
});

let aws: AwsEndpoint;
let pagerDuty: PagerDutyServer;
let relay: LocalFunction;
beforeEach(async () => {
  [aws, pagerDuty] = await Promise.all([
    startAwsEndpoint({
      buckets: [STATE_BUCKET],
      isAllowed: (action, resource) => isAllowed(rights, { action, resource }),
    }),
    startPagerDuty(key),
  ]);
  const root = join(folder, "root.pem");
  writeFileSync(root, pagerDuty.rootPem);
  aws.secrets.set(secretArn, key);
  relay = await deployFunction(assembly, FUNCTIONS.relay, aws, {
    PAGERDUTY_CONNECT_TO: `${pagerDuty.address}:${pagerDuty.port}`,
    NODE_EXTRA_CA_CERTS: root,
  });
});
afterEach(async () => {
  await Promise.all([relay.close(), aws.close(), pagerDuty.close()]);
});

const put = (state: Partial<State>) => putState(aws, state);
const notice = (rows: readonly (readonly [status: string, name: string])[]) =>
  noticeText(rows.map(([status, name]) => noticeRow(name, status)));

let messages = 0;
async function relayed(text: string): Promise<void> {
  messages += 1;
  const { logs } = await relay.invoke({ event: topicEvent(`m${messages}`, text) });
  expect(logs.join("\n")).not.toContain(key);
}

/** The words with which the function fails, in which the key must not be. */
async function failure(text: string): Promise<string> {
  const thrown: unknown = await relay.invoke({ event: topicEvent("m", text) }).catch((error: unknown) => error);
  if (!(thrown instanceof FunctionError)) throw new Error("the relay did not fail");
  expect([thrown.message, ...thrown.trace, ...thrown.logs].join("\n")).not.toContain(key);
  return thrown.message;
}

const opened = notice([["opened", "a"]]);

describe("PagerDuty", () => {
  it("gets a trigger, the same key while it is open, and a resolution at the end", async () => {
    put({ incidents: [incident("a")] });
    await relayed(opened);
    await relayed(opened);
    await relayed(notice([["open", "a"]]));
    expect(pagerDuty.accepted.map(({ event_action }) => event_action)).toEqual(["trigger", "trigger", "trigger"]);
    expect(pagerDuty.alerts.size).toBe(1);
    put({ ended: [ended("a")] });
    await relayed(notice([["resolved", "a"]]));
    expect(pagerDuty.alerts.size).toBe(0);
    await relayed(notice([]));
    expect(pagerDuty.accepted).toHaveLength(4);
    expect(pagerDuty.refused).toEqual([]);
  });

  it("resolves nothing because a record says so", async () => {
    put({ incidents: [incident("a")] });
    await relayed(opened);
    await relayed(
      notice([
        ["resolved", "a"],
        ["gone", "a"],
        ["resolved", "b"],
      ]),
    );
    await relay.invoke({ event: topicEvent("m", notice([["resolved", "a"]]), "arn:aws:sns:us-east-1:1:other") });
    expect([pagerDuty.alerts.size, pagerDuty.accepted.length]).toEqual([1, 1]);
  });

  it("is told what the state does not know, marked so, after the state was read twice", async () => {
    put({});
    await relayed(opened);
    expect(pagerDuty.accepted).toMatchObject([
      {
        payload: {
          summary: expect.stringContaining("Not confirmed"),
          custom_details: { notConfirmed: expect.stringContaining("does not know") },
        },
      },
    ]);
    expect(aws.calls.filter(({ action }) => action === "s3:GetObject")).toHaveLength(2);
  });

  it("is told although the state cannot be read, and the notice comes again", async () => {
    put({ incidents: [incident("a")], ended: [ended("b")] });
    aws.failNext("s3:GetObject", "access-denied", 2);
    expect(await failure(opened)).toContain("The state could not be read: access denied");
    expect(pagerDuty.accepted).toMatchObject([{ payload: { summary: expect.stringContaining("Not confirmed") } }]);
    await relayed(opened);
    expect(pagerDuty.accepted.map(({ event_action }) => event_action)).toEqual(["trigger", "trigger", "resolve"]);
    expect(pagerDuty.alerts.size).toBe(1);
  });

  it.each([
    [{ kind: "status", status: 429 }, "PagerDuty answered HTTP 429", 2],
    [{ kind: "status", status: 500 }, "PagerDuty answered HTTP 500", 2],
    [{ kind: "status", status: 302, headers: { location: "https://127.0.0.1/" } }, "PagerDuty answered HTTP 302", 3],
    [{ kind: "echo", status: 400 }, "PagerDuty answered HTTP 400", 3],
  ] as const)("answers %j: the relay fails with words of its own, and comes again", async (fault, words, requests) => {
    put({ incidents: [incident("a"), incident("b"), incident("c")] });
    const three = notice([
      ["opened", "a"],
      ["opened", "b"],
      ["opened", "c"],
    ]);
    pagerDuty.failNext(fault, requests);
    expect(await failure(three)).toContain(words);
    // What may be taken later is tried once more, and then the rest is left to the next start.
    expect(pagerDuty.requests()).toBe(requests);
    await relayed(three);
    expect(pagerDuty.alerts.size).toBe(3);
  });

  it("is sent an event once more at once where the connection breaks", async () => {
    put({ incidents: [incident("a")] });
    pagerDuty.failNext({ kind: "reset" });
    await relayed(opened);
    expect([pagerDuty.alerts.size, pagerDuty.requests()]).toEqual([1, 2]);
  });

  it("gets a new key without a deployment, once the old one is refused", async () => {
    put({ incidents: [incident("a")] });
    aws.secrets.set(secretArn, key.replace("0", "9"));
    expect(await failure(opened)).toContain("PagerDuty answered HTTP 400");
    aws.secrets.set(secretArn, `${key}\n`);
    await relayed(opened);
    expect(pagerDuty.alerts.size).toBe(1);
  });

  it("is asked for nothing where the secret holds something else, which is not repeated", async () => {
    put({ incidents: [incident("a")] });
    aws.secrets.set(secretArn, JSON.stringify({ key }));
    expect(await failure(opened)).toContain("The secret does not hold a routing key of PagerDuty");
    aws.secrets.delete(secretArn);
    expect(await failure(opened)).toContain(
      "The routing key could not be read: AWS answered ResourceNotFoundException",
    );
    aws.secrets.set(secretArn, key);
    aws.failNext("secretsmanager:GetSecretValue", "access-denied");
    const words = await failure(opened);
    expect(words).toContain(`access denied: the function's role needs secretsmanager:GetSecretValue on ${secretArn}`);
    expect(pagerDuty.requests()).toBe(0);
  });

  it("gets no names where it is told so", async () => {
    const discreet = await synthesise({ pagerDutyRoutingKey: secretArn, pagerDutyRedact: true });
    const other = await deployFunction(discreet, FUNCTIONS.relay, aws, {
      PAGERDUTY_CONNECT_TO: `${pagerDuty.address}:${pagerDuty.port}`,
      NODE_EXTRA_CA_CERTS: join(folder, "root.pem"),
    });
    put({ incidents: [incident("a")] });
    await other.invoke({ event: topicEvent("m", opened) });
    await other.close();
    discreet.remove();
    expect(pagerDuty.accepted).toMatchObject([{ payload: { summary: "502: chain-incomplete" } }]);
    expect(JSON.stringify(pagerDuty.accepted)).not.toContain("example.com");
  });

  it("needs these rights and no other, and they are enough", async () => {
    put({ incidents: [incident("a")] });
    await relayed(opened);
    const byTheService = ["logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage", "s3:ListBucket"];
    expect(unusedActions(rights, aws.calls).toSorted()).toEqual(byTheService.toSorted());
    const secrets = rights.filter(({ actions }) => actions.includes("secretsmanager:GetSecretValue"));
    expect(secrets.map(({ resources }) => resources)).toEqual([[secretArn]]);
  });
});
