import type { Ports } from "./ports.ts";
import type { ProcessMemory } from "./process-memory.ts";
import type { State } from "./state.ts";
import { parseState } from "./state-format.ts";
import { type Timing, timeForCall } from "./time-left.ts";

/** A run with the stored state, from its beginning until it sends the alerts (tell.ts). */
export type Session = {
  /** What people were told; null where they were told nothing, or where that is not known. */
  readonly state: State | null;
  /** The result of reading the state. */
  readonly reading: StateReading;
  readonly ports: Ports;
  readonly processMemory: ProcessMemory;
  readonly timing: Timing;
};

/** The stored state, if there is one, and the ETag of its object. */
export type StateReading =
  | { readonly kind: "missing" }
  | { readonly kind: "state"; readonly state: State; readonly etag: string }
  /** There is an object, but it is not a valid state. */
  | { readonly kind: "damaged"; readonly problem: string; readonly etag: string }
  | { readonly kind: "failed"; readonly error: string };

/**
 * Opens a session: reads what people were told, so that the run can use it while it judges. Nothing is written before
 * `tell`, which notices if another run wrote in between.
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
