import { describe, expect, it } from "vitest";
import { connectionRules, type FindingCode, ruleOf, rules } from "../../lambda/judge/catalogue.ts";
import type { Effect } from "../../lambda/judge/effect.ts";
import { byEffect } from "../../lambda/judge/effect-order.ts";
import { effectsOf, findingOf } from "../../lambda/judge/finding-of.ts";
import { tlsNotSpoken } from "../../lambda/judge/findings/tls-not-spoken.ts";
import { addressRule, type Declaration, type Found } from "../../lambda/judge/rule.ts";

const declarations: readonly Declaration<FindingCode>[] = rules;
const effects: readonly Effect[] = ["502", "504", "may", "unseen", "note"];
const found: Found = { title: "t", cause: "C.", explanation: "e", remedy: ["r"], evidence: { seen: "s" } };

describe("the rules say what they are", () => {
  it.each(declarations)("$code: what supersedes it exists and is as bad or worse", ({ effect, supersededBy }) => {
    for (const by of supersededBy) {
      if (!("code" in by)) continue;
      const successor = ruleOf(by.code);
      if (successor === undefined) throw new Error(`no rule has the code ${by.code}`);
      expect(byEffect(effectsOf(successor).usually, effectsOf({ effect }).usually)).toBeLessThanOrEqual(0);
    }
  });

  it("lets CloudFront witness reachability only, and nothing that was seen in full", () => {
    const witnessed = declarations.filter(({ witness = "none" }) => witness !== "none");
    expect(witnessed.map(({ about }) => about)).toEqual(witnessed.map(() => "reachability"));
    expect(witnessed.filter(({ stage }) => stage === "certificate" || stage === "gave-up")).toEqual([]);
  });

  it("lets no rule be raised that says itself that it may be an error", () => {
    const raised = declarations.filter(({ witness }) => witness === "raises");
    expect(raised.map((rule) => effectsOf(rule).atMost)).toEqual(raised.map(() => "may"));
  });

  it("proves by no command what nobody dials, and everything else by one", () => {
    const unproven = declarations.filter(({ proof, stage }) => proof === "none" && stage !== "edge-answer");
    expect(unproven.map(({ stage }) => stage)).toEqual(unproven.map(() => "no-attempt"));
    expect(unproven.every(({ code }) => connectionRules.some((rule) => rule.code === code))).toBe(true);
  });

  it("knows what will fail only where something says that it has", () => {
    for (const { warnsOfExpiry, effect, supersededBy } of declarations) {
      if (warnsOfExpiry !== undefined) expect([effect, supersededBy.length]).toEqual(["may", 1]);
    }
  });

  it("says nothing of a code that it does not know", () => {
    expect(ruleOf("chain-of-next-year")).toBeUndefined();
    expect(ruleOf("constructor")).toBeUndefined();
  });
});

describe("findingOf", () => {
  const limits = effects.flatMap((usually) => effects.map((atMost) => ({ usually, atMost })));
  const sound = limits.filter(({ usually, atMost }) => byEffect(atMost, usually) <= 0);

  it.each(sound)("lets no finding of a rule that is $usually weigh more than $atMost", (effect) => {
    const rule: Declaration<FindingCode> = { ...tlsNotSpoken, effect };
    expect(findingOf(rule, found, null).effect).toBe(effect.usually);
    for (const own of effects) {
      const made = findingOf(rule, { ...found, effect: own }, null).effect;
      expect(byEffect(effect.atMost, made)).toBeLessThanOrEqual(0);
      if (byEffect(effect.atMost, own) <= 0) expect(made).toBe(own);
    }
  });

  it.each(effects)("takes %s alone for the usual effect and the worst", (effect) => {
    const rule: Declaration<FindingCode> = { ...tlsNotSpoken, effect };
    expect(findingOf(rule, found, null).effect).toBe(effect);
    expect(findingOf(rule, { ...found, effect: "502" }, null).effect).toBe(effect);
  });

  it.each(declarations)("$code is usually no worse than it may be", (rule) => {
    const { usually, atMost } = effectsOf(rule);
    expect(byEffect(atMost, usually)).toBeLessThanOrEqual(0);
  });
});

/** Never called: `tsc` fails where a rule that leaves something out compiles. */
function compilerWantsEverything(): void {
  const { code, effect, stage, transient, supersededBy, proof, summary, source, examine } = tlsNotSpoken;
  const whole = {
    code,
    effect,
    stage,
    transient,
    about: "handshake",
    supersededBy,
    proof,
    summary,
    source,
    examine,
  } as const;
  const without = <K extends keyof typeof whole>(key: K): Omit<typeof whole, K> => ({ ...whole, [key]: undefined });
  addressRule(whole);
  // @ts-expect-error
  addressRule(without("effect"));
  // @ts-expect-error
  addressRule(without("stage"));
  // @ts-expect-error
  addressRule(without("transient"));
  // @ts-expect-error
  addressRule(without("about"));
  // @ts-expect-error
  addressRule(without("supersededBy"));
  // @ts-expect-error
  addressRule(without("proof"));
  // @ts-expect-error
  addressRule(without("source"));
  // @ts-expect-error What is about reachability says what CloudFront may witness.
  addressRule({ ...whole, about: "reachability" });
  addressRule({ ...whole, about: "reachability", witness: "raises" });
  // @ts-expect-error Nothing else has a witness.
  addressRule({ ...whole, witness: "raises" });
}
void compilerWantsEverything;
