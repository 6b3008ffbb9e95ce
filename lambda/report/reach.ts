import { ruleOf } from "../judge/catalogue.ts";
import type { Stage } from "../judge/rule.ts";
import { enumerated, hostAndPort } from "../text/phrase.ts";
import { originsOf, type WatchedOrigin } from "./origins.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "./record.ts";

/** How a server of CloudFront's API answered that this run had used a moment before: the network is judged by it. */
export type Control = {
  /** Host and port. */
  readonly server: string;
  /** Looked up by the origins' resolver, and asked for a TCP connection. */
  readonly outcome: "answered" | "unresolved" | "silent";
};

/** Fewer origins are no sign of anything but themselves. */
const several = 3;

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
 * origins could before, CloudFront's API decides: it answers, or it is not the origins.
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
      message: `${origins}: ${enumerated(silent.map(hostAndPort), mostNamed)}. CloudFront's API answers this function, so it is not its network. Perhaps one load balancer, zone, name server or firewall stands before all of them.`,
      remedy: "Look for what these origins have in common, and ask one of them from elsewhere.",
      scope: null,
    };
  }
  const servers = enumerated(
    control.map(({ server, outcome }) => `${server} (${outcome === "unresolved" ? "not resolved" : "no answer"})`),
    mostNamed,
  );
  return {
    code: "no-network",
    message: `${origins}, and CloudFront's API, which this run used a moment before, does not answer either: ${servers}. So it is the network of this function, and nothing is said of the origins: what was open stays as it was.`,
    remedy: "Look at the function's resolver and, if it is in a VPC, at its route to the internet.",
    scope: null,
  };
}

/** Names in a message; the records have all of them. */
const mostNamed = 10;

/** Whether the run says of all origins at once why they gave no answer, so that none of them needs a line of its own. */
export function explainsSilence(problems: readonly RunProblem[]): boolean {
  return problems.some(({ code }) => isAboutReach(code));
}

/** Whether a problem says that no origin could be reached. */
export function isAboutReach(code: string): boolean {
  return code === "no-network" || code === "all-origins-dark";
}

/** Whether the run met no origin, although it has some that it could not see: then none of the two has ended by that. */
export function leavesReachOpen({ records, problems }: RunReport): boolean {
  if (problems.some(({ code }) => code === "all-origins-dark")) return false;
  return (
    reachedSeveral(records) === null &&
    records.some(({ findings }) => findings.some(({ effect }) => effect === "unseen"))
  );
}

type Reach = { readonly reached: readonly WatchedOrigin[]; readonly silent: readonly WatchedOrigin[] };

function reachIn(records: readonly ConnectionRecord[]): Reach {
  const [reached, silent]: [WatchedOrigin[], WatchedOrigin[]] = [[], []];
  for (const origin of originsOf(records)) {
    const found = origin.records.map(reachOf);
    if (found.includes("reached")) reached.push(origin);
    else if (found.includes("silent")) silent.push(origin);
  }
  return { reached, silent };
}

/**
 * Any answer reaches an origin, a refusal too, and one of DNS that there is no such name. What follows from the
 * configuration alone says nothing here.
 */
function reachOf({ skipped, findings, observed: { addresses } }: ConnectionRecord): "reached" | "silent" | "not-tried" {
  if (skipped !== null && skipped !== "http-only") return "not-tried";
  const staged = findings.map(({ code, effect, address }) => ({ stage: ruleOf(code).stage, effect, address }));
  if (staged.some(({ stage }) => stage === "gave-up")) return "not-tried";
  const unanswered = staged.filter(({ stage, effect }) => effect === "unseen" && withoutAnswer.has(stage));
  const silent = new Set(unanswered.map(({ address }) => address));
  const hasNoAddress = staged.some(({ stage, effect }) => stage === "dns" && effect !== "unseen");
  if (hasNoAddress || addresses.some(({ address }) => !silent.has(address))) return "reached";
  return silent.size > 0 ? "silent" : "not-tried";
}

const withoutAnswer: ReadonlySet<Stage> = new Set(["dns", "tcp", "no-route"]);
