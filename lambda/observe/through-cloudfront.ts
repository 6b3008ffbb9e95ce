import type { Distribution } from "../configuration/distribution.ts";
import type { ById, Policies } from "../configuration/policies.ts";
import type { EdgeOutcome, EdgeQuestion } from "../probe/ask-edge.ts";
import { type EdgeAsking, edgeAskings, type NotAsked } from "../witness/edge-askings.ts";
import {
  type EdgeAsked,
  type EdgeEntry,
  type EdgePlace,
  edgeHistory,
  edgeHistoryAfter,
  withConfirmation,
} from "../witness/edge-history.ts";
import type { CheckPath } from "../witness/edge-path.ts";
import { isAbout, type JudgedConnection, type ThroughCloudFront, wantedOrigins } from "../witness/edge-wanted.ts";
import { edgeAnswer } from "../witness/whose-answer.ts";

/** Where asking through distributions gets what it needs. None of these throws. */
export type EdgePorts = {
  /** Requests that CloudFront counted in the last hour; one of which that is not known is not in it. */
  readonly requests: (distributionIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** What the owners say; one of which that is not known is not in it. */
  readonly checkPaths: (distributionIds: readonly string[]) => Promise<ReadonlyMap<string, CheckPath>>;
  /** For the distributions of which a behavior has a policy of its own; called only where there are some. */
  readonly responseHeaders: (distributionIds: readonly string[]) => Promise<ById<readonly string[]>>;
  readonly ask: (question: EdgeQuestion, signal: AbortSignal) => Promise<EdgeOutcome>;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A word of letters and digits that was not used before. */
  readonly token: () => string;
  readonly chance: (of: number) => number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
};

export type EdgeSettingsOfRun = {
  readonly mode: ThroughCloudFront;
  readonly leastRequests: number;
  readonly distributions: readonly Distribution[];
  readonly policies: Policies;
};

/** What a run asked through distributions. */
export type EdgeRun = {
  readonly asked: readonly EdgeAsked[];
  readonly notAsked: readonly NotAsked[];
  /** What is to be remembered. */
  readonly entries: readonly EdgeEntry[];
};

/** Distributions through which a run asks; the tags of each cost a call. */
export const mostDistributionsAsked = 100;
/** Requests that wait for an answer at a time. */
const mostAtATime = 8;
/** Milliseconds between two requests, so that no origin and no firewall meets a burst. */
const betweenMs = 1_000;
/** And for all of them together. */
const spreadOverMs = 60_000;

/**
 * Asks CloudFront itself about what was judged, once for an origin at most, and says whose answer each is. Whatever goes
 * wrong leaves an origin as it was judged.
 *
 * @param before what earlier runs remember
 * @param signal aborted when the time for it is over: what is left then is asked by a later run
 */
export async function askThroughCloudFront(
  judged: readonly JudgedConnection[],
  before: readonly EdgeEntry[],
  { mode, leastRequests, distributions, policies }: EdgeSettingsOfRun,
  ports: EdgePorts,
  signal: AbortSignal,
): Promise<EdgeRun> {
  const now = ports.clock();
  const wanted = [...wantedOrigins(judged, mode, before)].slice(0, mostDistributionsAsked);
  const known = new Map(distributions.map((each) => [each.id, each]));
  const ids = wanted.flatMap(([id]) => (known.has(id) ? [id] : []));
  const isInUse = usedIn(judged);
  if (ids.length === 0 || signal.aborted) {
    return { asked: [], notAsked: [], entries: edgeHistoryAfter(before, [], isInUse, now) };
  }
  const [requests, checkPaths] = await Promise.all([ports.requests(ids), ports.checkPaths(ids)]);
  const subjects = wanted.flatMap(([id, origins]) => {
    const distribution = known.get(id);
    const [count, checkPath] = [requests.get(id) ?? null, checkPaths.get(id) ?? null];
    return distribution === undefined ? [] : [{ distribution, origins, requests: count, checkPath }];
  });
  const withPolicy = subjects.flatMap(({ distribution: { id, behaviors } }) =>
    behaviors.some(({ responseHeadersPolicyId }) => responseHeadersPolicyId !== undefined) ? [id] : [],
  );
  const responseHeaders = withPolicy.length > 0 ? await ports.responseHeaders(withPolicy) : {};
  const history = edgeHistory(before, now);
  const { token, chance } = ports;
  const { askings, notAsked } = edgeAskings(subjects, {
    policies,
    responseHeaders,
    history,
    leastRequests,
    token,
    chance,
  });
  const asked = (await askAll(askings, ports, signal)).map((each) => withConfirmation(each, before));
  return { asked, notAsked, entries: edgeHistoryAfter(before, asked, isInUse, ports.clock()) };
}

/**
 * The same for a single run without a next one: where a HEAD wants to be confirmed, the GET follows after a while.
 *
 * @param confirmAfterMs long enough for a cached error to be gone
 */
export async function askUntilConfirmed(
  judged: readonly JudgedConnection[],
  settings: EdgeSettingsOfRun,
  ports: EdgePorts,
  signal: AbortSignal,
  confirmAfterMs: number,
): Promise<EdgeRun> {
  const first = await askThroughCloudFront(judged, [], settings, ports, signal);
  const waiting = first.entries.filter(({ head }) => head !== undefined);
  if (waiting.length === 0) return first;
  await ports.pause(confirmAfterMs, signal);
  const again = judged.map(
    (each): JudgedConnection => ({
      ...each,
      verdict: waiting.some((entry) => isAbout(entry, each)) ? "unknown" : "healthy",
    }),
  );
  const second = await askThroughCloudFront(again, first.entries, { ...settings, mode: "doubt" }, ports, signal);
  return { asked: [...first.asked, ...second.asked], notAsked: first.notAsked, entries: second.entries };
}

/** In their order, spread over the time; those that the end of it finds waiting are not asked. */
async function askAll(
  askings: readonly EdgeAsking[],
  { ask, pause }: Pick<EdgePorts, "ask" | "pause">,
  signal: AbortSignal,
): Promise<readonly EdgeAsked[]> {
  const asked: EdgeAsked[] = [];
  const waiting = new Set<Promise<void>>();
  const gapMs = Math.min(betweenMs, Math.floor(spreadOverMs / Math.max(1, askings.length)));
  for (const [index, asking] of askings.entries()) {
    if (index > 0) await pause(gapMs, signal);
    if (waiting.size >= mostAtATime) await Promise.race(waiting);
    if (signal.aborted) break;
    const one = ask(asking, signal).then((outcome) => {
      asked.push(askedOf(asking, outcome));
      waiting.delete(one);
    });
    waiting.add(one);
  }
  await Promise.all(waiting);
  return asked;
}

function askedOf(asking: EdgeAsking, outcome: EdgeOutcome): EdgeAsked {
  return outcome.kind === "answered"
    ? { asking, answer: edgeAnswer(outcome.response, asking.settings), problem: null }
    : { asking, answer: null, problem: outcome.problem };
}

function usedIn(judged: readonly JudgedConnection[]): (place: EdgePlace) => boolean {
  const key = (distributionId: string, originId: string) => JSON.stringify([distributionId, originId]);
  const users = new Map<string, JudgedConnection[]>();
  for (const each of judged) {
    for (const { distributionId, originId } of each.uses) {
      const own = users.get(key(distributionId, originId)) ?? [];
      own.push(each);
      users.set(key(distributionId, originId), own);
    }
  }
  return (place) => (users.get(key(place.distributionId, place.originId)) ?? []).some((each) => isAbout(place, each));
}
