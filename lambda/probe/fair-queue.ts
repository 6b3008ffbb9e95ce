/** For whom something is done, and with what: decides when it is done where more wants to be done than may. */
export type Terms = {
  /** For whom, outermost first, such as account and distribution. At each level places are shared evenly. */
  readonly share: readonly string[];
  /** What it uses while it is under way. */
  readonly needs: readonly Need[];
  readonly turn: Turn;
};

/** Something of which at most so many uses may be under way at once. */
export type Need = { readonly key: string; readonly most: number };

/** What was left out of the last run goes first; what will most likely take its whole time, last. */
export type Turn = (typeof turns)[number];

const turns = ["first", "in-order", "last"] as const;

/** Something that goes now; it holds its place until it leaves. */
export type Admitted<Item> = { readonly item: Item; readonly leave: () => void };

export type FairQueue<Item extends object> = {
  add(item: Item, terms: Terms): void;
  /** The one whose turn it is, null where nobody may go until somebody leaves. */
  next(): Admitted<Item> | null;
  /** How many are under way. */
  held(): number;
  /** Lets no more in at once than that, from now on. */
  limit(places: number): void;
  /** Takes out everything that waits. */
  clear(): readonly Item[];
};

/**
 * Decides who goes next, so that those who take long cost nobody else a place. It neither knows nor asks what time it
 * is: who leaves when is up to the caller.
 *
 * Shares take turns, and so do their lanes, which are what uses the same. Where there are several shares, none holds
 * more places than are free: one by itself gets half of them, two get a third each, and whoever comes and holds none
 * finds one. So hogs are bounded by what they leave, and neither their number nor that of those to come need be known
 * (A. K. Choudhury and E. L. Hahne, "Dynamic queue length thresholds for shared-memory packet switches", IEEE/ACM
 * Transactions on Networking 6(2), 1998). What goes last is bounded in the same way.
 */
export function fairQueue<Item extends object>(places: number): FairQueue<Item> {
  const all: Share<Item> = newShare(null);
  const inUse = new Map<string, number>();
  let most = places;
  let lastHeld = 0;
  /** Counts what may let somebody go who could not before. */
  let changes = 0;

  return {
    add(item, { share: path, needs, turn }) {
      const share = shareOf(path, turn);
      const key = needs.map((need) => need.key).join("\n");
      const waiting = share.waiting[turn];
      const lane = waiting.laneByKey.get(key) ?? { key, needs, items: new Queue<Item>() };
      if (lane.items.size === 0) {
        waiting.laneByKey.set(key, lane);
        waiting.lanes.push(lane);
        waiting.stuckAt = null;
      }
      lane.items.push(item);
    },
    next() {
      for (const turn of turns) {
        const free = most - all.held;
        if (free <= 0) return null;
        if (turn === "last" && lastHeld >= free) continue;
        const picked = pick(all, turn, free);
        if (picked !== null) return admitted(picked, turn);
      }
      return null;
    },
    held: () => all.held,
    limit(fewer) {
      most = fewer;
    },
    clear: () => [...waitingIn(all)],
  };

  /** The share, which from now on has something waiting for that turn. */
  function shareOf(path: readonly string[], turn: Turn): Share<Item> {
    let share = all;
    for (const name of path) {
      const part = share.parts.get(name) ?? newShare(share);
      share.parts.set(name, part);
      if (isIdle(part, turn)) share.waiting[turn].parts.push(part);
      share = part;
    }
    return share;
  }

  function pick(share: Share<Item>, turn: Turn, free: number): Picked<Item> | null {
    return fromLanes(share, share.waiting[turn]) ?? fromParts(share, turn, free);
  }

  function fromLanes(share: Share<Item>, waiting: Waiting<Item>): Picked<Item> | null {
    if (waiting.stuckAt === changes) return null;
    for (let left = waiting.lanes.size; left > 0; left -= 1) {
      const lane = waiting.lanes.shift();
      if (lane === undefined) break;
      const mayGo = lane.needs.every(({ key, most: uses }) => (inUse.get(key) ?? 0) < uses);
      const item = mayGo ? lane.items.shift() : undefined;
      if (lane.items.size > 0) waiting.lanes.push(lane);
      else waiting.laneByKey.delete(lane.key);
      if (item !== undefined) return { item, lane, share };
    }
    waiting.stuckAt = changes;
    return null;
  }

  function fromParts(share: Share<Item>, turn: Turn, free: number): Picked<Item> | null {
    const { parts } = share.waiting[turn];
    for (let left = parts.size; left > 0; left -= 1) {
      const part = parts.shift();
      if (part === undefined) break;
      const mayGo = share.parts.size === 1 || part.held < free;
      const picked = mayGo ? pick(part, turn, free) : null;
      if (!isIdle(part, turn)) parts.push(part);
      if (picked !== null) return picked;
    }
    return null;
  }

  function admitted({ item, lane, share }: Picked<Item>, turn: Turn): Admitted<Item> {
    change(1);
    return {
      item,
      leave() {
        if (lane.needs.some(({ key, most: uses }) => inUse.get(key) === uses)) changes += 1;
        change(-1);
      },
    };

    function change(by: 1 | -1): void {
      for (let each: Share<Item> | null = share; each !== null; each = each.within) each.held += by;
      if (turn === "last") lastHeld += by;
      for (const { key } of lane.needs) {
        const uses = (inUse.get(key) ?? 0) + by;
        if (uses === 0) inUse.delete(key);
        else inUse.set(key, uses);
      }
    }
  }
}

type Share<Item> = {
  readonly within: Share<Item> | null;
  readonly parts: Map<string, Share<Item>>;
  readonly waiting: Readonly<Record<Turn, Waiting<Item>>>;
  held: number;
};

/** What waits for one turn, in lines whose head comes next. */
type Waiting<Item> = {
  readonly parts: Queue<Share<Item>>;
  readonly lanes: Queue<Lane<Item>>;
  readonly laneByKey: Map<string, Lane<Item>>;
  /** The count of changes at which no lane could go. */
  stuckAt: number | null;
};

type Lane<Item> = { readonly key: string; readonly needs: readonly Need[]; readonly items: Queue<Item> };

type Picked<Item> = { readonly item: Item; readonly lane: Lane<Item>; readonly share: Share<Item> };

function newShare<Item>(within: Share<Item> | null): Share<Item> {
  const waiting = (): Waiting<Item> => ({
    parts: new Queue(),
    lanes: new Queue(),
    laneByKey: new Map(),
    stuckAt: null,
  });
  return {
    within,
    parts: new Map(),
    waiting: { first: waiting(), "in-order": waiting(), last: waiting() },
    held: 0,
  };
}

function isIdle<Item>({ waiting }: Share<Item>, turn: Turn): boolean {
  return waiting[turn].lanes.size === 0 && waiting[turn].parts.size === 0;
}

function* waitingIn<Item>(share: Share<Item>): Generator<Item> {
  for (const turn of turns) {
    const { lanes, parts, laneByKey } = share.waiting[turn];
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
      for (let item = lane.items.shift(); item !== undefined; item = lane.items.shift()) yield item;
    }
    laneByKey.clear();
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) yield* waitingIn(part);
  }
}

/** First in, first out. Taking something from the front of an array takes the longer the longer it is. */
class Queue<Entry> {
  private entries: (Entry | undefined)[] = [];
  private head = 0;

  get size(): number {
    return this.entries.length - this.head;
  }

  push(entry: Entry): void {
    this.entries.push(entry);
  }

  shift(): Entry | undefined {
    if (this.size === 0) return undefined;
    const first = this.entries[this.head];
    this.entries[this.head] = undefined;
    this.head += 1;
    if (this.head * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return first;
  }
}
