import { expect, test } from "vitest";
import { ruleOf, rules } from "../../lambda/judge/catalogue.ts";
import { samples } from "./samples.ts";
import { longSentences } from "./sentences.ts";

const all = rules.flatMap(({ code }) => samples[code]().map((finding) => ({ code, title: finding.title, finding })));

test.each(all)("$code: $title", ({ code, finding }) => {
  const { title, cause, explanation, remedy } = finding;
  expect(finding.code).toBe(code);
  expect(title.length).toBeLessThanOrEqual(45);
  // It goes on after "api.example.com: " and after "was: ".
  expect(title).toMatch(/^(?:[a-z0-9]|[A-Z][A-Z0-9]|IPv6)/);
  expect(title).not.toMatch(/[.!?:]$|^(?:the|a|an) /);
  expect(cause).toMatch(/^(?:[A-Z0-9]|gRPC |[a-z0-9.-]+\.[a-z]+ ).*\.$/);
  expect(explanation.startsWith(cause)).toBe(true);
  for (const text of [cause, explanation, ...remedy]) expect(longSentences(text)).toEqual([]);
  const { warnsOfExpiry, sumsUp } = ruleOf(finding.code);
  const needsDoubt = finding.effect === "may" && warnsOfExpiry === undefined && sumsUp === undefined;
  expect(finding.doubt ?? "").toMatch(needsDoubt ? /^(?:if|because|where) [^.]*$/ : /^$/);
  expect(remedy.length).toBeGreaterThan(0);
  expect(remedy.length).toBeLessThanOrEqual(3);
  for (const step of remedy) expect(step).toMatch(/^[A-Z].*[.)]$/);
});
