import { randomInt } from "node:crypto";
import { fuzz } from "./fuzz.ts";

/** `npm run fuzz -- [RUNS] [SEED]`: feeds mutated transcripts to the readers; see fuzz.ts. */
const [, , runsText = "1000000", seedText] = process.argv;
const runs = Number(runsText);
const seed = seedText === undefined ? randomInt(2 ** 32) : Number(seedText);
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed) || seed < 0) {
  process.stderr.write("usage: npm run fuzz -- [RUNS] [SEED]\n");
  process.exit(2);
}
process.stdout.write(`${runs} runs from seed ${seed}\n`);
try {
  const { seconds, slowest, reached } = fuzz(runs, seed, (done) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${done}`);
  });
  const share = (count: number) => `${((100 * count) / runs).toFixed(1)} %`;
  const peak = process.resourceUsage().maxRSS / 1_024;
  process.stdout.write(
    [
      `${process.stdout.isTTY ? "\r" : ""}0 crashes, 0 hangs in ${seconds.toFixed(1)} s: ${Math.round(runs / seconds)} runs a second`,
      `slowest input: ${slowest.ms.toFixed(1)} ms (seed ${slowest.seed})`,
      `peak memory: ${peak.toFixed(0)} MiB`,
      `read so far: ServerHello ${share(reached.hello)}, certificates ${share(reached.certificates)}, ` +
        `path ${share(reached.path)}, end of the flight ${share(reached.end)}`,
      "",
    ].join("\n"),
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof Error && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`);
  process.stderr.write("To see it again: npm run fuzz -- 1 SEED\n");
  process.exitCode = 1;
}
