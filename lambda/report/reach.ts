import { ruleOf } from "../judge/catalogue.ts";
import type { Stage } from "../judge/rule.ts";
import { enumerated, hostAndPort } from "../text/phrase.ts";
import { originsOf, type WatchedOrigin } from "./origins.ts";
import type { ConnectionRecord, RunProblem } from "./record.ts";

/** How one of AWS's endpoints answered that this run had used a moment before: what the network is judged by. */
export type Control = {
  /** Host and port. */
  readonly endpoint: string;
  /** Looked up by the origins' resolver, and asked for a TCP connection. */
  readonly outcome: "answered" | "unresolved" | "silent";
};

/** Fewer origins are no sign of anything but themselves. */
export const several = 3;

/** Whether several origins gave any answer in a run; null where none did, or none was tried. */
export function reachedSeveral(records: readonly ConnectionRecord[]): boolean | null {
  const { reached } = reachIn(records);
  return reached.length === 0 ? null : reached.length >= several;
}

/** Whether a run tried several origins and none gave any answer: then a control is worth asking for. */
export function reachedNone(records: readonly ConnectionRecord[]): boolean {
  const { reached, silent } = reachIn(records);
  return reached.length === 0 && silent.length >= several;
}

/**
 * Tells a network of ours that is down from origins that are. Where nothing at all could be reached, although several
 * origins could before, AWS's own endpoints decide: they answer, or it is not the origins.
 *
 * @param reachedBefore whether the last run that reached anything reached several origins
 * @param control none where it could not be asked for, by which nothing is claimed
 */
export function networkProblem(
  records: readonly ConnectionRecord[],
  reachedBefore: boolean,
  control: readonly Control[],
): RunProblem | null {
  if (!reachedBefore || control.length === 0 || !reachedNone(records)) return null;
  const { silent } = reachIn(records);
  const origins = `None of ${silent.length} origins gave an answer, although several did before`;
  if (control.some(({ outcome }) => outcome === "answered")) {
    return {
      code: "all-origins-dark",
      message: `${origins}: ${enumerated(silent.map(hostAndPort), mostNamed)}. AWS's own endpoints answer this function, so it is not its network. Perhaps one load balancer, zone, name server or firewall stands before all of them.`,
      remedy: "Look for what these origins have in common, and ask one of them from elsewhere.",
      scope: null,
    };
  }
  const endpoints = enumerated(
    control.map(({ endpoint, outcome }) => `${endpoint} (${outcome === "unresolved" ? "not resolved" : "no answer"})`),
    mostNamed,
  );
  return {
    code: "no-network",
    message: `${origins}, and AWS's own endpoints, which this run used, do not answer either: ${endpoints}. So it is the network of this function, and nothing is said of the origins: what was open stays as it was.`,
    remedy: "Look at the function's resolver and, if it is in a VPC, at its route to the internet.",
    scope: null,
  };
}

/** Names in a message; the records have all of them. */
const mostNamed = 10;

/** Whether the run says of all origins at once why they gave no answer, so that none of them needs a line of its own. */
export function explainsSilence(problems: readonly RunProblem[]): boolean {
  return problems.some(({ code }) => code === "no-network" || code === "all-origins-dark");
}

type Reach = { readonly reached: readonly WatchedOrigin[]; readonly silent: readonly WatchedOrigin[] };

function reachIn(records: readonly ConnectionRecord[]): Reach {
  const origins = originsOf(records).map((origin) => ({ origin, of: new Set(origin.records.map(reachOf)) }));
  return {
    reached: origins.filter(({ of }) => of.has("reached")).map(({ origin }) => origin),
    silent: origins.filter(({ of }) => of.has("silent") && !of.has("reached")).map(({ origin }) => origin),
  };
}

/** Any answer reaches an origin, a refusal too, and one of DNS that there is no such name. */
function reachOf({ verdict, skipped, findings, observed }: ConnectionRecord): "reached" | "silent" | "not-tried" {
  const unseen = findings.filter(({ effect }) => effect === "unseen").map(({ code }) => ruleOf(code).stage);
  if (verdict === "unknown") {
    return unseen.length > 0 && unseen.every((stage) => withoutAnswer.has(stage)) ? "silent" : "not-tried";
  }
  const wasTried = observed.addresses.length > 0 || findings.some(({ code }) => ruleOf(code).stage === "dns");
  return wasTried && (skipped === null || skipped === "http-only") ? "reached" : "not-tried";
}

const withoutAnswer: ReadonlySet<Stage> = new Set(["dns", "tcp", "no-route"]);
