import type { Ports } from "./ports.ts";
import type { ProcessMemory } from "./process-memory.ts";
import type { State } from "./state.ts";
import { parseState } from "./state-format.ts";
import { type Timing, timeForCall } from "./time-left.ts";

/** A run that knows what people were told, from its beginning until it tells them what changed (tell.ts). */
export type Session = {
  /** What people were told; null where they were told nothing, or where nobody knows what. */
  readonly state: State | null;
  /** What reading the state came to. */
  readonly reading: StateReading;
  readonly ports: Ports;
  readonly processMemory: ProcessMemory;
  readonly timing: Timing;
};

/** What there is of a state, and the ETag of the object that it is in. */
export type StateReading =
  | { readonly kind: "missing" }
  | { readonly kind: "state"; readonly state: State; readonly etag: string }
  /** There is an object, and it is not a state. */
  | { readonly kind: "damaged"; readonly problem: string; readonly etag: string }
  | { readonly kind: "failed"; readonly error: string };

/**
 * Opens a session: reads what people were told, so that it can be asked while the run judges. Nothing is written before
 * `tell`, and whatever somebody else writes until then is noticed there.
 */
export async function openSession(ports: Ports, processMemory: ProcessMemory, timing: Timing): Promise<Session> {
  const reading = await readState(ports, timing);
  return { state: reading.kind === "state" ? reading.state : null, reading, ports, processMemory, timing };
}

export async function readState(ports: Pick<Ports, "readState">, timing: Timing): Promise<StateReading> {
  const read = await ports.readState(timeForCall(timing));
  if (read.kind !== "found") return read;
  const { text, etag } = read;
  const parsed = parseState(text);
  return parsed.kind === "state"
    ? { kind: "state", state: parsed.state, etag }
    : { kind: "damaged", problem: parsed.problem, etag };
}
