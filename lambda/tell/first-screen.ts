import type { Incident } from "../incidents/state.ts";
import { ruleOf } from "../judge/catalogue.ts";
import type { StoredFinding } from "../judge/finding.ts";
import { effectsOf } from "../judge/finding-of.ts";
import { affectedBy, asLines, asSentence, verb } from "../report/affected.ts";
import type { RunReport } from "../report/record.ts";
import { isSeenFromSome, seenFromWords } from "../report/seen-from.ts";
import { type Verification, verificationOf } from "../report/verify.ts";
import { instant } from "../text/instant.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { decidingCount } from "./count-lines.ts";
import { type OpenCause, openCausesIn } from "./open-causes.ts";
import type { OpenOrigin } from "./summary.ts";
import { seenIn, type Tagged, tagged } from "./tag.ts";

/** What somebody on a phone sees without scrolling: what breaks and where, why, what to do first; and the command. */
export type FirstScreen = {
  /** The consequence, a line each. */
  readonly lead: readonly string[];
  /** What CloudFront counted, where that decided what the consequence is; else null. */
  readonly count: string | null;
  /** What was found, in a sentence; null where the consequence says it. */
  readonly cause: string | null;
  readonly steps: readonly string[];
  readonly verify: Verification | null;
  /** Everything that is open there, what the first screen is about first. */
  readonly causes: readonly OpenCause[];
};

/**
 * @param incidents what it is about: what is new, or all that is open in a reminder; the worst first
 * @param report of the run
 * @param places each place on a line of its own, or all of them in a sentence
 */
export function firstScreen(
  origin: OpenOrigin,
  incidents: readonly Incident[],
  report: RunReport,
  places: "lines" | "sentence" = "lines",
): FirstScreen {
  const { records, findings } = origin;
  const about = tagged(incidents, records, report.finishedAt);
  const first = about.incident;
  const all = openCausesIn(records, findings);
  const own = all.find(({ finding }) => finding.code === first?.code);
  const overview = about.kind === "some" ? all.find(({ finding }) => finding.code === about.overview.code) : undefined;
  const record = records.find(({ connection }) => connection.key === first?.key) ?? records[0];
  const isSeen = first !== undefined && seenIn(records, first) !== undefined;
  const remedy = isSeen ? (own?.finding.remedy ?? []) : [];
  const also = overview === own ? [] : (overview?.finding.remedy ?? []).slice(0, 1);
  const sentence = isSeen ? causeOf(about, own) : `${asCause(about.what)} This run did not see it.`;
  return {
    lead: lead(origin, about, own?.finding, isSeen, places === "lines" ? asLines : inSentence),
    count: isSeen ? decidingCount(seenIn(records, first), records, report) : null,
    cause: sentence,
    steps: [...remedy.slice(0, also.length > 0 ? 2 : 4), ...also].map((step) => printable(step, 600)),
    verify: record === undefined ? null : verificationOf(record),
    // What sums up the addresses is in the lead and in the steps.
    causes: own === undefined ? all : [own, ...all.filter((cause) => cause !== own && cause !== overview)],
  };
}

function inSentence(...said: Parameters<typeof asSentence>): readonly string[] {
  return [asSentence(...said)];
}

function lead(
  { records, findings }: OpenOrigin,
  about: Tagged,
  finding: StoredFinding | undefined,
  isSeen: boolean,
  say: typeof asLines,
): readonly string[] {
  const affected = affectedBy(records);
  switch (about.kind) {
    case "answers":
    case "risk": {
      const opening = `ache misses ${verb(about.kind === "risk" ? "may" : about.effect, mayAnswer(about.incident, finding))}`;
      const doubt = about.kind === "risk" && finding?.doubt !== undefined ? printable(finding.doubt, 300) : null;
      const when = `When last checked (${instant(about.incident?.lastSeen ?? "")}): c`;
      return say(`${isSeen ? "C" : when}${opening}`, affected, doubt);
    }
    case "some": {
      const { failing, answers, total } = about;
      const others = total - failing.length === 1 ? "The other address was" : "The other addresses were";
      const opening = `Cache misses that CloudFront sends to ${enumerated(failing, 3)} get ${answers}`;
      const lines = say(opening, affected, null);
      const rest = `${others} not seen to fail.`;
      return lines.length === 1 ? [`${lines[0]} ${rest}`] : [...lines, rest];
    }
    case "expires": {
      const isAlone = findings.every(({ code }) => ruleOf(code)?.warnsOfExpiry !== undefined);
      const from = `From ${instant(about.expiresAt)}, cache misses get 502`;
      return say(isAlone ? `Nothing fails yet. ${from}` : from, affected, `unless ${about.warning.unless}`);
    }
  }
}

/** What CloudFront may answer where it is a risk: what the finding would mean on all addresses, or what its rule says. */
function mayAnswer(incident: Incident | undefined, finding: StoredFinding | undefined): "502" | "504" {
  // Where Regions differ it is what those met that could not reach it.
  if (finding?.facts?.regions !== undefined) return finding.facts.regions.answers;
  const rule = incident === undefined ? undefined : ruleOf(incident.code);
  if (rule === undefined) return "502";
  return effectsOf(rule).usually === "504" ? "504" : (rule.mayAnswer ?? "502");
}

function causeOf(about: Tagged, cause: OpenCause | undefined): string | null {
  if (about.kind === "expires" || cause === undefined) return null;
  const { finding, addresses } = cause;
  const sentence = printable(finding.cause ?? asCause(finding.title), 500);
  const others = addresses.filter((address) => address !== finding.address);
  const from = isSeenFromSome(cause.occurrences) ? ` Seen from ${seenFromWords(cause.occurrences)}.` : "";
  return `${sentence}${others.length === 0 ? "" : ` The same holds at ${enumerated(others, 3)}.`}${from}`;
}

/** A title as a sentence. */
function asCause(title: string): string {
  return `${printable(title, 250)}.`;
}
