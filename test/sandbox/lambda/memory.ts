import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/**
 * The limits of V8's heap that Lambda's Node runtime derives from a function's memory: nine tenths for the old generation
 * and one twentieth for a semi-space. Whoever sets either in NODE_OPTIONS gets what was set.
 */
export function heapFlags(memoryMb: number, nodeOptions: string): string[] {
  if (/max[-_](semi|old)[-_]space[-_]size/.test(nodeOptions)) return [];
  const tenth = Math.floor(memoryMb / 10);
  return [`--max-semi-space-size=${Math.floor(tenth / 2)}`, `--max-old-space-size=${memoryMb - tenth}`];
}

/**
 * The most memory that a running process has had resident, in MiB; null where the system does not tell (it does on Linux,
 * as long as the process is there). Counts what Lambda counts and Node's own code, which Lambda may share.
 */
export function peakMemoryMb(pid: number): number | null {
  try {
    const [, kib] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kib === undefined ? null : Number(kib) / 1_024;
  } catch {
    return null;
  }
}

/** Seconds of processor time that a running process has had; null where the system does not tell (proc(5), `stat`). */
export function cpuSeconds(pid: number): number | null {
  try {
    const [, , , , , , , , , , , user, system] = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return (Number(user) + Number(system)) / ticksPerSecond;
  } catch {
    return null;
  }
}

/** USER_HZ, which is the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** The system remembers the peak, so a look in between ends what goes on growing, and the last one misses nothing. */
const sampleIntervalMs = 250;

/**
 * Resolves when a process has had so much processor time, or time where the system does not tell, and when it has waited
 * for sixty times as long; rejects when `signal` fires.
 */
export async function processorTime(pid: number, ms: number, signal: AbortSignal): Promise<void> {
  const latest = performance.now() + 60 * ms;
  for (let left = ms; left > 0 && performance.now() < latest; ) {
    await setTimeout(Math.max(left, sampleIntervalMs), undefined, { signal });
    const seconds = cpuSeconds(pid);
    left = seconds === null ? 0 : ms - seconds * 1_000;
  }
}

/** Resolves when a process has had more memory than it may; rejects when `signal` fires. */
export async function memoryExceeded(pid: number, memoryMb: number, signal: AbortSignal): Promise<void> {
  while ((peakMemoryMb(pid) ?? 0) <= memoryMb) await setTimeout(sampleIntervalMs, undefined, { signal });
}
