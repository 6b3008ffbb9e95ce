import { expect, test } from "vitest";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { chainIncomplete, connectionRecord, logGroup, place, region, report, runTime, scope, use } from "./records.ts";

/** The line with the command, of an alert about an origin that is used in these accounts. */
function commands(domain: string, accounts: readonly string[] = [], context: object = {}): readonly string[] {
  const uses = accounts.map((accountId, index) => ({ ...use(`E${index}`), scope: { ...scope, accountId } }));
  const findings = [{ ...chainIncomplete, title: "intermediate certificate missing" }];
  const record = connectionRecord(domain, { verdict: "failing", findings, ...(uses.length === 0 ? {} : { uses }) });
  const run = report([record]);
  const [draft] = step(emptyState, run, new Date(runTime), { ...defaultAlertPolicy, confirmations: 1 }).drafts;
  const { text } = renderDraft(draft!, run, { scope, region, logGroup, ...place, ...context }, []);
  return text.split("\n").filter((line) => line.startsWith("Mute for 4 hours"));
}

test("names the stack where it is not called as usual, and the Region where it is known", () => {
  const command = "Mute for 4 hours: origin-watch mute --origin a.example.com --for 4h --reason TEXT";
  expect(commands("a.example.com")).toEqual([`${command} --region eu-west-1`]);
  const other = { dashboard: "Blue-Watch-origins-eu-west-1" };
  expect(commands("a.example.com", [], other)).toEqual([`${command} --stack Blue-Watch --region eu-west-1`]);
  expect(commands("a.example.com", [], { region: "", dashboard: null })).toEqual([command]);
});

test("names each account besides its own, and none where they are many", () => {
  const own = scope.accountId ?? "";
  const lines = commands("a.example.com", [own, "222233334444"]);
  expect(lines.map((line) => /--account \d+/.exec(line)?.[0] ?? null)).toEqual([null, "--account 222233334444"]);
  expect(commands("a.example.com", [own, "222233334444", "333344445555", "444455556666"])).toEqual([]);
});

test.each(["-f.example.com", "a.example.com;reboot", "$(reboot)", "a b", "\u{1f4a4}.example.com", "x".repeat(254)])(
  "puts no name into a command that a shell or the command reads otherwise: %j",
  (domain) => {
    expect(commands(domain)).toEqual([]);
  },
);
