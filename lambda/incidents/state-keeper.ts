import type { Ports } from "./ports.ts";
import type { ProcessMemory } from "./process-memory.ts";
import type { State } from "./state.ts";
import { maxStateBytes, parseState, serializeState } from "./state-format.ts";
import { type Timing, timeForCall } from "./time-left.ts";
import { withUnsaved } from "./unsaved-state.ts";

/** A state, and the ETag of the object that holds it. */
export type Held = { readonly state: State; readonly etag: string };

export type Stored =
  | ({ readonly kind: "written" } & Held)
  | { readonly kind: "conflict" }
  | { readonly kind: "failed"; readonly error: string };

export type StateKeeper = {
  /** The stored state, or what this process could not store, which is still to be. */
  readonly newest: (stored: State | null, etag: string | null) => Newest;
  /** What this process knows when the stored state cannot be read. */
  readonly remembered: () => State | null;
  readonly store: (state: State, etag: string | null) => Promise<Stored>;
  /**
   * After another run wrote: removes a sent notice from the stored state; null when this run no longer holds the lease.
   */
  readonly withoutNotice: (noticeId: string, holder: string) => Promise<Held | null>;
};

export type Newest = { readonly state: State | null; readonly isStored: boolean };

/** A message that was sent but not recorded is sent again, so recording is worth a second attempt. */
const attemptsToRecord = 2;

/** Writes states by compare-and-swap, and prefers what the process remembers where that could not be written. */
export function stateKeeper(
  ports: Ports,
  memory: ProcessMemory,
  timing: Timing,
  onFailure: (error: string) => void,
): StateKeeper {
  return {
    newest(stored, etag) {
      const { unsaved } = memory;
      memory.lastEtag = etag;
      if (unsaved === null) return { state: stored, isStored: true };
      if (unsaved.basedOn !== etag) {
        // Another run wrote since, and what it says is newer.
        memory.unsaved = null;
        return { state: stored, isStored: true };
      }
      const { state, isPart = false } = unsaved;
      return { state: isPart ? withUnsaved(stored, state) : state, isStored: false };
    },
    remembered: () => memory.unsaved?.state ?? null,
    store,
    async withoutNotice(noticeId, holder) {
      for (let attempt = 1; ; attempt += 1) {
        const read = await ports.readState(timeForCall(timing));
        const parsed = read.kind === "found" ? parseState(read.text) : null;
        if (read.kind !== "found" || parsed?.kind !== "state") return null;
        const { state } = parsed;
        if (state.lease?.holder !== holder && !state.outbox.some(({ id }) => id === noticeId)) return null;
        if (state.lease !== null && state.lease.holder !== holder) return null;
        const outbox = state.outbox.filter(({ id }) => id !== noticeId);
        const rest = { ...state, outbox, lease: outbox.length === 0 ? null : state.lease };
        const stored = await store(rest, read.etag);
        if (stored.kind === "written") return stored;
        if (stored.kind === "failed" || attempt === attemptsToRecord) {
          if (stored.kind === "conflict") onFailure("the state was changed by somebody else again and again");
          memory.unsaved = { state: { ...rest, lease: null }, basedOn: read.etag };
          return null;
        }
      }
    },
  };

  async function store(state: State, etag: string | null): Promise<Stored> {
    const text = serializeState(state);
    const written =
      Buffer.byteLength(text) > maxStateBytes
        ? { kind: "failed" as const, error: `the state would be larger than ${maxStateBytes} bytes` }
        : await ports.writeState(text, etag, timeForCall(timing));
    switch (written.kind) {
      case "written":
        memory.unsaved = null;
        memory.lastEtag = written.etag;
        return { kind: "written", state, etag: written.etag };
      case "failed":
        onFailure(written.error);
        return written;
      case "conflict": {
        // The client retries a write whose answer was lost, and then conflicts with its own first attempt.
        const read = await ports.readState(timeForCall(timing));
        if (read.kind !== "found" || read.text !== text) return { kind: "conflict" };
        memory.unsaved = null;
        memory.lastEtag = read.etag;
        return { kind: "written", state, etag: read.etag };
      }
    }
  }
}
