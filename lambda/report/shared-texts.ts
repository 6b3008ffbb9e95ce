import type { Finding } from "../judge/finding.ts";

/**
 * A finding whose texts are those of equal findings before it: what is wrong at an origin is wrong under each of its
 * hundred names, and is said of each in the same words.
 */
export function withSharedTexts(finding: Finding): Finding {
  const [title = "", cause = "", explanation = ""] = shared([finding.title, finding.cause, finding.explanation]);
  return { ...finding, title, cause, explanation, remedy: shared(finding.remedy) };
}

const known = new Map<string, readonly string[]>();
/** Then the memory starts over, which costs memory and nothing else. */
const mostTexts = 5_000;

function shared(texts: readonly string[]): readonly string[] {
  const key = texts.join("\n");
  const before = known.get(key);
  if (before !== undefined && before.length === texts.length) return before;
  if (known.size >= mostTexts) known.clear();
  known.set(key, texts);
  return texts;
}
