/**
 * One way in which a template can be deployed, as far as its conditions tell: what is assumed of parameters and of tests
 * that are not decided by what is known. A template has one way for each consistent set of answers.
 */
export type Branch = {
  readonly facts: readonly Fact[];
  /** Takes down what is asked beyond the facts; null where nothing may be asked, and all that is not known stays open. */
  readonly asked: Asked | null;
};

/** Something that is assumed. */
export type Fact = Question & { readonly holds: boolean };

export type Question =
  /** Whether a parameter has this value. */
  | { readonly kind: "parameter"; readonly parameter: string; readonly value: string }
  /** Whether a test holds that compares something else; `test` is its text. */
  | {
      readonly kind: "test";
      readonly test: string;
      readonly parameters: readonly string[];
      readonly condition: string;
    };

/** What a reading wanted to know. */
export type Asked = {
  /** What has to be answered before the reading can go on. */
  first: Question | null;
  /** The conditions of the template that hang on each fact, by `subjectOf`. */
  readonly conditions: Map<string, Set<string>>;
};

export const noBranch: Branch = { facts: [], asked: null };

/** What a question is about: all questions about one parameter are one subject. */
export function subjectOf(question: Question): string {
  return question.kind === "parameter" ? question.parameter : question.test;
}

/** The value that a parameter has, undefined where it is not assumed. */
export function assumedValue(
  { facts }: Branch,
  parameter: string,
  allowed: readonly string[] | null,
): string | undefined {
  const about = facts.flatMap((fact) => (fact.kind === "parameter" && fact.parameter === parameter ? [fact] : []));
  const is = about.find(({ holds }) => holds);
  if (is !== undefined) return is.value;
  const left = allowed?.filter((value) => !about.some((fact) => fact.value === value)) ?? [];
  return about.length > 0 && left.length === 1 ? left[0] : undefined;
}

/** The answer that the branch has, or `open`; what is open is taken down to be asked. */
export function answer({ facts, asked }: Branch, question: Question, condition: string): boolean | "open" {
  const known = facts.find((fact) => isSame(fact, question));
  if (known === undefined) {
    if (asked !== null) asked.first ??= question;
    return "open";
  }
  note(asked, subjectOf(question), condition);
  return known.holds;
}

/** Takes down that a condition hangs on a subject. */
export function note(asked: Asked | null, subject: string, condition: string): void {
  if (asked === null || condition === "") return;
  const conditions = asked.conditions.get(subject) ?? new Set();
  asked.conditions.set(subject, conditions.add(condition));
}

function isSame(fact: Fact, question: Question): boolean {
  return fact.kind === "parameter"
    ? question.kind === "parameter" && fact.parameter === question.parameter && fact.value === question.value
    : question.kind === "test" && fact.test === question.test;
}

/** What was read in one branch, with the conditions that hung on its facts. */
export type InBranch<T> = {
  readonly facts: readonly Fact[];
  readonly conditions: Asked["conditions"];
  readonly result: T;
};

/** Sixteen at four conditions that have nothing to do with each other; what a person would still look through. */
const mostBranches = 32;

/**
 * Reads something in every branch that makes a difference to it; null where those are too many.
 *
 * @param read asks for what it needs, and is called again with the answers
 */
export function everyBranch<T>(read: (branch: Branch) => T): readonly InBranch<T>[] | null {
  const complete: InBranch<T>[] = [];
  const next: (readonly Fact[])[] = [[]];
  for (let facts = next.pop(); facts !== undefined; facts = next.pop()) {
    const asked: Asked = { first: null, conditions: new Map() };
    const result = read({ facts, asked });
    const question = asked.first;
    if (question === null) complete.push({ facts, conditions: asked.conditions, result });
    else next.push([...facts, { ...question, holds: false }], [...facts, { ...question, holds: true }]);
    if (complete.length + next.length > mostBranches) return null;
  }
  return complete;
}
