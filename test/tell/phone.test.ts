import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import { rules } from "../../lambda/judge/catalogue.ts";
import { effectsOf } from "../../lambda/judge/finding-of.ts";
import { verdictOf } from "../../lambda/judge/verdict.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { phrasesToAvoid } from "./avoided-phrases.ts";
import { rowOfFirstStep } from "./phone.ts";
import { connectionRecord, logGroup, place, region, report, runTime, scope } from "./records.ts";
import { samples } from "./samples.ts";
import { longSentences } from "./sentences.ts";

type Mail = { readonly name: string; readonly subject: string; readonly text: string };

const golden = join(import.meta.dirname, "golden");
const written: readonly Mail[] = readdirSync(golden).flatMap((file) =>
  [
    ...readFileSync(join(golden, file), "utf8").matchAll(
      /^=+ message (\d+): e-mail =+\nSubject: ([^\n]*)\n\n(.*?)\n-+ sms -+$/gms,
    ),
  ].map(([, number = "", subject = "", text = ""]) => ({ name: `${file} ${number}`, subject, text })),
);

/** A message about one finding alone, as people get it. */
const alone: readonly Mail[] = rules.flatMap(({ code }) =>
  samples[code]().flatMap((finding, index) => {
    const connection = { ...connectionRecord("api.example.com").connection };
    const verdict = verdictOf({ kind: "probe", connection: { scheme: "https" } } as never, [finding]);
    const record = connectionRecord("api.example.com", { connection, verdict, findings: [finding] });
    const policy = { ...defaultAlertPolicy, confirmations: 1 };
    const run = report([record]);
    return step(emptyState, run, new Date(runTime), policy).drafts.map((draft): Mail => {
      const { subject, text } = renderDraft(draft, run, { scope, region, logGroup, ...place }, []);
      return { name: `${code} ${index + 1}`, subject, text };
    });
  }),
);

test("there are messages to read", () => {
  expect(written.length).toBeGreaterThan(35);
  const told = rules.filter((rule) => effectsOf(rule).usually !== "note").map(({ code }) => code);
  // A fault of ours is no message about the origin.
  const missing = told.filter((code) => !alone.some(({ name }) => name.startsWith(`${code} `)));
  expect(missing).toEqual(["probe-failed"]);
});

describe("on the first screen of a phone", () => {
  test.each([...written, ...alone])("the first step of $name ends", ({ subject, text }) => {
    expect(subject.length).toBeLessThanOrEqual(99);
    const row = rowOfFirstStep(subject, text);
    expect(row).not.toBeNull();
    expect(row).toBeLessThanOrEqual(18);
  });
});

describe("the words of", () => {
  test.each([...written, ...alone])(
    "$name are short sentences, and none that the glossary avoids",
    ({ subject, text }) => {
      // Lists of facts are no sentences: evidence, commands, links.
      const prose = text
        .split("\n")
        .filter(
          (line) =>
            !/^(?:Expected|Found|Verify|Source|Board|Log query|Mute|From a phone|Run |https:|- |[A-Z][\w -]{0,40}: )/.test(
              line,
            ) || /^(?:Cause|Details|Not known)/.test(line),
        )
        .join("\n");
      expect(longSentences(prose)).toEqual([]);
      const found = phrasesToAvoid.filter((phrase) => phrase.test(`${subject}\n${text}`));
      expect(found).toEqual([]);
    },
  );
});
