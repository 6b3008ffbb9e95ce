import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Draft } from "../../lambda/incidents/change.ts";
import { noChange } from "../../lambda/incidents/change.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { isNotice } from "../../lambda/incidents/state-format.ts";
import { step } from "../../lambda/incidents/step.ts";
import { plainMessage } from "../../lambda/tell/plain-message.ts";
import { arbitraryReport } from "../incidents/arbitrary-reports.ts";
import { incident, report, runTime } from "./records.ts";

const schema = JSON.parse(readFileSync(new URL("../../schemas/event.schema.json", import.meta.url), "utf8"));
const validate = new Ajv().compile(schema);
const draftOf = (changes: Partial<Draft>): Draft => ({
  event: "opened",
  change: noChange,
  notChecked: [],
  open: [],
  muted: [],
  distributions: null,
  openDistributions: [],
  mutedDistributions: [],
  remindAfter: null,
  ...changes,
});

test("says what it is about, where, and what went wrong", () => {
  const opened = [incident(), incident({ domain: "shop.example.com", code: "certificate-expiring", effect: "may" })];
  const problem = { code: "out-of-time", message: "m", remedy: "r", scope: null } as const;
  const change = { ...noChange, opened, problems: { ...noChange.problems, opened: [problem] } };
  const message = plainMessage(draftOf({ change }), report([]), ["It may come again."], new RangeError("bad"));
  expect(message.subject).toBe(
    "Origin Watch could not put this into words: chain-incomplete, certificate-expiring, out-of-time",
  );
  expect(message.text).toBe(`Origin Watch could not put this into words, which is a fault of its own. It is about:

- opened: chain-incomplete (502), api.example.com:443
- opened: certificate-expiring (may), shop.example.com:443
- opened: out-of-time, a problem of the run: m

The fault: RangeError: bad. The log of the function has everything that the run saw.

It may come again.

Run 5d3c1a52-0f0e-4c7e-9d0a-2f6f3f0f9a11, ${runTime}
`);
  expect(message.attributes).toEqual({
    event: "opened",
    severity: "critical",
    codes: ["chain-incomplete", "certificate-expiring", "out-of-time"],
    distributionIds: ["E1EXAMPLE"],
    origins: ["api.example.com:443", "shop.example.com:443"],
    accountIds: [],
  });
});

test("is a notice, and JSON as programs know it, for every draft of a run", () => {
  fc.assert(
    fc.property(arbitraryReport, arbitraryReport, (first, second) => {
      const policy = { ...defaultAlertPolicy, confirmations: 1, weeklyDigest: true };
      const before = step(null, first, new Date(runTime), policy);
      const after = step(before.next, second, new Date("2026-11-25T00:00:00Z"), policy);
      for (const draft of [...before.drafts, ...after.drafts]) {
        const message = plainMessage(draft, second, [], "fault");
        expect(isNotice({ id: "r/1", createdAt: runTime, ...message })).toBe(true);
        validate(JSON.parse(message.data ?? ""));
        expect(validate.errors).toBeNull();
      }
    }),
  );
});

test("stays a notice however much there is, and whatever it is called", () => {
  const hostile = "\u202e\n\ud800<".repeat(200);
  const opened = Array.from({ length: 5_000 }, (_, index) =>
    incident({ key: String(index), domain: `${index}${hostile}`, distributions: Array(50).fill(hostile) }),
  );
  const draft = draftOf({ change: { ...noChange, opened }, open: opened });
  const message = plainMessage(draft, report([], { runId: hostile }), [hostile], new Error(hostile));
  const kept = { ...message.attributes, distributionIds: [] };
  expect(isNotice({ id: "r/1", createdAt: runTime, ...message, attributes: kept })).toBe(true);
  expect(Buffer.byteLength(message.data ?? "")).toBeLessThan(18 * 1024);
  expect(JSON.parse(message.data ?? "")).toMatchObject({ leftOut: 4_988, open: { failing: 5_000, atRisk: 0 } });
  expect(message.text).toMatch(/\n- and \d+ more\n/);
  expect(`${message.text}${message.data}`).not.toMatch(/[\u202e\ud800]/u);
});
