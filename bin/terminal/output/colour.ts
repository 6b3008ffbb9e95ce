import { styleText } from "node:util";
import type { Verdict } from "../../../lambda/judge/finding.ts";

type Style = "red" | "yellow" | "cyan" | "green" | "dim" | "bold";

/**
 * Colours a text where the stream is a terminal that has colours and nobody asked for none: Node honours NO_COLOR,
 * FORCE_COLOR and TERM=dumb. Colour never says what the words do not.
 */
export function coloured(text: string, style: Style, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

/** A verdict for people; in JSON it has a hyphen. */
export function verdictWord(verdict: Verdict): string {
  return verdict === "at-risk" ? "at risk" : verdict;
}

export const verdictStyle: Readonly<Record<Verdict, Style>> = {
  failing: "red",
  "at-risk": "yellow",
  unknown: "cyan",
  healthy: "green",
  skipped: "dim",
};
