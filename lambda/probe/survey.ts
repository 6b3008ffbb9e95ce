import { addressKey } from "./address-key.ts";
import { type Admitted, fairQueue, type Terms } from "./fair-queue.ts";
import {
  type AddressObservation,
  type AddressOutcome,
  type DnsOutcome,
  faultOf,
  type Observation,
  type RecordType,
} from "./observation.ts";
import { type ProbeEquipment, type Target, visit } from "./probe.ts";
import { connector } from "./tcp.ts";

/** Of names with more addresses, the first ones of the answer are tried. */
const mostAddresses = 16;
/** Lookups under way at once: a burst of more than fits into the buffer of a name server's socket is lost in part. */
const mostLookups = 150;
/**
 * Lookups begun in a second. Each is a packet or two, and AWS's name server takes 1,024 a second
 * (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html).
 */
const lookupsPerSecond = 500;
const secondMs = 1_000;
/** Connections to the addresses of one name at once. */
const perName = 32;
/**
 * Visits started in one turn of the event loop. Handshakes need CPU time, and a turn lasts as long as its work, so no
 * more are started than can be processed; a visit that only waits costs a socket.
 */
const begunPerTurn = 25;

/**
 * Checks every address of every target once: one TCP connection and one handshake, nothing more where that is healthy.
 * Targets are yielded as they finish, in no particular order. Nothing that DNS, the network or a peer does makes it
 * throw, and what fails by a fault of ours is `not-tried`.
 *
 * `fairQueue` allots sockets and lookups, so that targets whose addresses do not answer cost targets of other shares
 * nothing. What is not started by the deadline is `not-tried`.
 */
export async function* survey<T extends Target>(
  targets: readonly T[],
  equipment: ProbeEquipment,
): AsyncGenerator<readonly [T, Observation]> {
  const finished: (readonly [T, Observation])[] = [];
  let more = Promise.withResolvers<void>();
  const stop = begin(targets, equipment, (target, observation) => {
    finished.push([target, observation]);
    more.resolve();
  });
  try {
    for (let left = targets.length; left > 0; ) {
      await more.promise;
      more = Promise.withResolvers();
      for (const each of finished.splice(0)) {
        left -= 1;
        yield each;
      }
    }
  } finally {
    stop();
  }
}

type Finish<T> = (target: T, observation: Observation) => void;

/** @returns a function that gives up what has not started yet */
function begin<T extends Target>(targets: readonly T[], equipment: ProbeEquipment, finish: Finish<T>): () => void {
  const { signal } = equipment;
  const visits = visitsOf(equipment, finish);
  const lookups = lookupsOf(targets, equipment, visits.add);
  const giveUp = () => {
    signal.removeEventListener("abort", giveUp);
    lookups.giveUp();
    visits.giveUp();
  };
  if (signal.aborted) giveUp();
  else signal.addEventListener("abort", giveUp);
  return giveUp;
}

/** A name that is looked up once, for all targets that have it. */
type Question<T> = {
  readonly name: string;
  readonly recordTypes: readonly RecordType[];
  readonly askers: T[];
};

function lookupsOf<T extends Target>(
  targets: readonly T[],
  { connectTo, lookup }: ProbeEquipment,
  answered: (target: T, dns: DnsOutcome) => void,
): { readonly giveUp: () => void } {
  const givenTo = ({ addresses }: Target) => (connectTo === null ? addresses : [connectTo]);
  const open = new Set(questionsOf(targets.filter((target) => givenTo(target) === undefined)));
  const queue = fairQueue<Question<T>>(mostLookups);
  for (const target of targets) {
    const addresses = givenTo(target);
    if (addresses !== undefined) answered(target, { kind: "given", addresses });
  }
  for (const question of open) {
    const turn = question.askers.some(({ leftOut }) => leftOut) ? "first" : "in-order";
    queue.add(question, { share: question.askers[0]?.share ?? [], needs: [], turn });
  }
  let secondBegan = Number.NEGATIVE_INFINITY;
  let begunInThisSecond = 0;
  let nextSecond: NodeJS.Timeout | undefined;
  goOn();
  return {
    giveUp() {
      clearTimeout(nextSecond);
      queue.clear();
      for (const question of open) settle(question, { kind: "not-tried", reason: "deadline" });
    },
  };

  function goOn(): void {
    const now = performance.now();
    if (now - secondBegan >= secondMs) {
      secondBegan = now;
      begunInThisSecond = 0;
    }
    for (; begunInThisSecond < lookupsPerSecond; begunInThisSecond += 1) {
      const next = queue.next();
      if (next === null) return;
      void ask(next);
    }
    clearTimeout(nextSecond);
    nextSecond = setTimeout(goOn, secondBegan + secondMs - now);
  }

  async function ask({ item, leave }: Admitted<Question<T>>): Promise<void> {
    const dns = await lookup(item.name, item.recordTypes).catch(
      (error: unknown): DnsOutcome => ({ kind: "not-tried", reason: faultOf(error) }),
    );
    leave();
    settle(item, dns);
    goOn();
  }

  function settle(question: Question<T>, dns: DnsOutcome): void {
    if (!open.delete(question)) return;
    for (const target of question.askers) answered(target, dns);
  }
}

function questionsOf<T extends Target>(targets: readonly T[]): Iterable<Question<T>> {
  const questions = new Map<string, Question<T>>();
  for (const target of targets) {
    const { domain: name, recordTypes } = target;
    const key = `${recordTypes.join("+")} ${name}`;
    const question = questions.get(key) ?? { name, recordTypes, askers: [] };
    question.askers.push(target);
    questions.set(key, question);
  }
  return questions.values();
}

/** A target whose addresses are known, and what was seen of them so far. */
type TargetProgress<T> = {
  readonly target: T;
  readonly observation: Observation & { readonly addresses: AddressObservation[] };
  /** Addresses whose outcome is still to come. */
  open: number;
};

type Visit<T> = { readonly progress: TargetProgress<T>; readonly index: number; readonly address: string };

function visitsOf<T extends Target>(
  equipment: ProbeEquipment,
  finish: Finish<T>,
): { readonly add: (target: T, dns: DnsOutcome) => void; readonly giveUp: () => void } {
  const { bounds, forbids, unanswered } = equipment;
  const shared = {
    ...equipment,
    connect: connector(),
    accepting: new Map<string, Promise<boolean>>(),
    hanging: new Set<string>(),
  };
  const queue = fairQueue<Visit<T>>(bounds.sockets);
  let begunInThisTurn = 0;
  let nextTurnIsSet = false;
  let isOver = false;

  return {
    add(target, dns) {
      const addresses = dns.kind === "answered" || dns.kind === "given" ? dns.addresses : [];
      const visited = addresses.slice(0, mostAddresses);
      const observation = {
        dns,
        addresses: visited.map((address): AddressObservation => ({ address, outcome: outOfTime, ms: 0 })),
        addressesLeftOut: addresses.length - visited.length,
      };
      const progress = { target, observation, open: visited.length };
      if (visited.length === 0) finish(target, observation);
      for (const [index, address] of visited.entries()) {
        // The check is on the same address that the probe connects to, so no second DNS answer can come between.
        const range = forbids(address);
        const visit = { progress, index, address };
        if (range === null) wait(visit);
        else settle(visit, { kind: "not-dialled", range }, 0);
      }
      goOnInNextTurn();
    },
    giveUp() {
      isOver = true;
      for (const visit of queue.clear()) settle(visit, outOfTime, 0);
    },
  };

  function wait(item: Visit<T>): void {
    if (isOver) settle(item, outOfTime, 0);
    else queue.add(item, termsOf(item));
  }

  function termsOf({ progress: { target }, address }: Visit<T>): Terms {
    const { domain, port, share, leftOut } = target;
    const isSlow = unanswered.has(addressKey(address, port));
    return {
      share,
      needs: [
        { key: address, most: bounds.perAddress },
        { key: domain, most: perName },
      ],
      turn: leftOut ? "first" : isSlow ? "last" : "in-order",
    };
  }

  function goOn(): void {
    while (begunInThisTurn < begunPerTurn) {
      const next = queue.next();
      if (next === null) return;
      begunInThisTurn += 1;
      goOnInNextTurn();
      void go(next);
    }
  }

  function goOnInNextTurn(): void {
    if (nextTurnIsSet) return;
    nextTurnIsSet = true;
    setImmediate(() => {
      nextTurnIsSet = false;
      begunInThisTurn = 0;
      goOn();
    });
  }

  async function go({ item, leave }: Admitted<Visit<T>>): Promise<void> {
    const started = performance.now();
    const outcome = await visit(item.address, item.progress.target, shared).catch(
      (error: unknown): AddressOutcome => ({ kind: "not-tried", reason: faultOf(error) }),
    );
    leave();
    const others = queue.held();
    if (isLackOfDescriptors(outcome) && others > 0) {
      queue.limit(others);
      wait(item);
    } else {
      settle(item, outcome, Math.round(performance.now() - started));
    }
    goOn();
  }

  function settle({ progress, index, address }: Visit<T>, outcome: AddressOutcome, ms: number): void {
    progress.observation.addresses[index] = { address, outcome, ms };
    progress.open -= 1;
    if (progress.open === 0) finish(progress.target, progress.observation);
  }
}

const outOfTime: AddressOutcome = { kind: "not-tried", reason: "deadline" };

function isLackOfDescriptors(outcome: AddressOutcome): boolean {
  if (outcome.kind !== "not-tried" || outcome.reason === "deadline") return false;
  return outcome.reason.bug === "EMFILE" || outcome.reason.bug === "ENFILE";
}
