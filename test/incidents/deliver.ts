import type { Delivery } from "../../lambda/incidents/delivery.ts";
import type { AlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Ports } from "../../lambda/incidents/ports.ts";
import type { ProcessMemory } from "../../lambda/incidents/process-memory.ts";
import { openSession } from "../../lambda/incidents/session.ts";
import { tell } from "../../lambda/incidents/tell.ts";
import type { Timing } from "../../lambda/incidents/time-left.ts";
import type { Words } from "../../lambda/incidents/words.ts";
import type { RunReport } from "../../lambda/report/record.ts";

/** A run that takes no time between its beginning and its telling. */
export type Run = Timing & { readonly report: RunReport; readonly policy: AlertPolicy };

/** What a process remembers that has just begun. */
export function newProcess(holder: string = crypto.randomUUID()): ProcessMemory {
  return { holder, unsaved: null };
}

export async function deliver(
  { report, policy, clock, deadline }: Run,
  ports: Ports,
  words: Words,
  memory: ProcessMemory,
): Promise<Delivery> {
  return tell(await openSession(ports, memory, { clock, deadline }), report, policy, words);
}
