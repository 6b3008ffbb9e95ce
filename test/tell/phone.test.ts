import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Draft } from "../../lambda/incidents/change.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import { rules } from "../../lambda/judge/catalogue.ts";
import { effectsOf } from "../../lambda/judge/finding-of.ts";
import { verdictOf } from "../../lambda/judge/verdict.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { hourMs } from "../../lambda/text/instant.ts";
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

/** A message about one finding alone, and the one when it is gone, as people get them. */
const alone: readonly (Mail & { readonly title: string | null })[] = rules.flatMap(({ code }) =>
  samples[code]().flatMap((finding, index) => {
    const verdict = verdictOf({ kind: "probe", connection: { scheme: "https" } } as never, [finding]);
    const found = report([connectionRecord("api.example.com", { verdict, findings: [finding] })]);
    const later = new Date(Date.parse(runTime) + 25 * hourMs);
    // What CloudFront answered is over only where it answers otherwise.
    const witness = { gotThrough: true } as const;
    const gone = report([connectionRecord("api.example.com", { witness })], { finishedAt: later.toISOString() });
    const policy = { ...defaultAlertPolicy, confirmations: 1 };
    const first = step(emptyState, found, new Date(runTime), policy);
    const second = step(first.next, gone, later, policy);
    const mail = (run: RunReport, kind: string, title: string | null) => (draft: Draft) => {
      const { subject, text } = renderDraft(draft, run, { scope, region, logGroup, ...place }, []);
      return { name: `${code} ${index + 1}${kind}`, subject, text, title };
    };
    return [...first.drafts.map(mail(found, "", null)), ...second.drafts.map(mail(gone, ", gone", finding.title))];
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
    expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
    const row = rowOfFirstStep(subject, text);
    expect(row).not.toBeNull();
    expect(row).toBeLessThanOrEqual(18);
  });
});

/** What only CloudFront's answers show is gone when these say so, and not with a run that sees the origin. */
const ofAnswers = rules.filter(({ stage }) => stage === "edge-answer").map(({ code }) => code);
const ending = alone.filter(
  ({ name, title }) => title !== null && !ofAnswers.some((code) => name.startsWith(`${code} `)),
);

test.each(ending)("the subject of $name says what was open", ({ subject, title }) => {
  // What could not be checked is no finding that was fixed, and its title is the reason.
  expect(subject).toMatch(/^\[FIXED\] api\.example\.com, was: (?:not checked, )?/);
  expect(subject).toContain(title);
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
      const found = phrasesToAvoid.filter((phrase) => phrase.test(`${subject}\n${text.replaceAll(/https:\S+/g, "")}`));
      expect(found).toEqual([]);
    },
  );
});
