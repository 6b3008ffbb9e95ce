import { printable } from "../text/printable.ts";
import { emptyMemory, type Memory } from "./memory.ts";
import { parseMemory, serializeMemory } from "./memory-format.ts";

/** Where a memory is kept. Each call is over `withinMs` milliseconds after it began; failures are values. */
export type MemoryStore = {
  readonly read: (withinMs: number) => Promise<TextRead>;
  /** The last writer wins: of two runs at a time either one's memory will do. */
  readonly write: (text: string, withinMs: number) => Promise<{ readonly kind: "written" } | Failed>;
};

export type TextRead = { readonly kind: "missing" } | { readonly kind: "found"; readonly text: string } | Failed;
type Failed = { readonly kind: "failed"; readonly error: string };

/** What a run begins with. */
export type Recalled = {
  readonly memory: Memory;
  /** Whether it may be replaced: what could not be read, and what a later version wrote, must not be. */
  readonly mayReplace: boolean;
  /** Why nothing is remembered, null where that is as it should be. */
  readonly error: string | null;
};

/** What became of the memory of a run, for its log record. */
export type MemoryKept = { readonly kind: "stored"; readonly bytes: number } | { readonly kind: "unchanged" } | Failed;

/** Reads what the last run left. Without it a run begins as the first one did. */
export async function recall(store: MemoryStore, withinMs: number): Promise<Recalled> {
  const nothing = { memory: emptyMemory, mayReplace: true, error: null };
  const read = await store.read(withinMs);
  switch (read.kind) {
    case "missing":
      return nothing;
    case "failed":
      return { ...nothing, mayReplace: false, error: `it could not be read: ${read.error}` };
    case "found": {
      const parsed = parseMemory(read.text);
      if (parsed.kind === "memory") return { ...nothing, memory: parsed.memory };
      // A damaged one gives way to the next, because nobody can want it again.
      return parsed.kind === "later" ? { ...nothing, mayReplace: false } : nothing;
    }
  }
}

/**
 * Stores what is to be remembered after a run, if it is not what was remembered before. It comes after people were told
 * and never fails the run.
 *
 * @param nextOf what is to be remembered, as `remembered` says; a fault in it is what becomes of the memory
 * @param storedAt when the run ended, ISO 8601
 * @param withinMs what is left of the run's time
 */
export async function keepMemory(
  { memory, mayReplace, error }: Recalled,
  nextOf: () => Memory,
  storedAt: string,
  store: MemoryStore,
  withinMs: number,
): Promise<MemoryKept> {
  if (error !== null) return { kind: "failed", error };
  try {
    if (!mayReplace) return { kind: "unchanged" };
    const text = serializeMemory({ ...nextOf(), storedAt });
    if (text === serializeMemory({ ...memory, storedAt })) return { kind: "unchanged" };
    if (withinMs < leastTime) return { kind: "failed", error: "no time was left" };
    const written = await store.write(text, withinMs);
    return written.kind === "written" ? { kind: "stored", bytes: Buffer.byteLength(text) } : written;
  } catch (thrown) {
    return { kind: "failed", error: printable(thrown instanceof Error ? thrown.message : String(thrown), 200) };
  }
}

/** Milliseconds that storing a memory may take; with less it is not begun. */
const leastTime = 3_000;
