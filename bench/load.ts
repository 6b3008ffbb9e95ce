import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import { customOrigin, distribution } from "../test/sandbox/distributions.ts";
import type { Zone } from "../test/sandbox/dns-server.ts";
import { machine, tableRow, writeSection } from "./benchmarks-page.ts";

/**
 * What a run of the function costs that has thousands of connections to look at, many of them bad: writes its section
 * of docs/benchmarks.md. The function is the deployed one, with the heap and the descriptors that Lambda gives it, in an
 * account in a box. Arguments: the scenarios to run, all without any.
 */
const descriptors = 1_024;

/** Addresses of loopback where origins of each kind listen. */
export type LoadOrigins = {
  readonly rootPem: string;
} & Readonly<Record<Kind, { readonly addresses: readonly string[]; readonly port: number }>>;

const kinds = ["healthy", "failing", "hanging", "deaf"] as const;
type Kind = (typeof kinds)[number];

export type LoadTask = {
  readonly distributions: readonly DistributionSummary[];
  readonly zone: Zone;
  readonly rootPem: string;
};

export type LoadResult =
  | {
      readonly kind: "done";
      readonly seconds: number;
      readonly cpuSeconds: number;
      readonly peakMemoryMb: number;
      readonly subjects: readonly string[];
      /** Connections by their verdict, and by the codes of their findings. */
      readonly verdicts: Readonly<Record<string, number>>;
      readonly codes: Readonly<Record<string, number>>;
    }
  | { readonly kind: "failed"; readonly error: string; readonly seconds: number };

type Scenario = {
  readonly name: string;
  readonly title: string;
  readonly addresses: Readonly<Partial<Record<Kind, number>>>;
  readonly plan: (origins: LoadOrigins) => Pick<LoadTask, "distributions" | "zone">;
  readonly aim: string;
};

const scenarios: readonly Scenario[] = [
  {
    name: "mixed",
    title: "20,000 origins, of which 10 % accept and hang and 5 % do not answer, each at an address of its own",
    addresses: { healthy: 1_000, hanging: 2_000, deaf: 1_000 },
    plan: (origins) => originsOf(origins, 1_000, { healthy: 17, hanging: 2, deaf: 1 }),
    aim: "all looked at, CPU 70 s, wall 240 s",
  },
  {
    name: "aliases",
    title: "16 hanging addresses under 100 aliases, beside 200 healthy origins",
    addresses: { healthy: 200, hanging: 16 },
    plan: (origins) => {
      const others = originsOf({ ...origins }, 20, { healthy: 10 });
      const slow = aliasesOf("ESLOW", 100, origins.hanging.port, { silent: true });
      return {
        distributions: [slow, ...others.distributions],
        zone: { ...others.zone, [originOf("ESLOW")]: { A: origins.hanging.addresses } },
      };
    },
    aim: "the 200 others looked at",
  },
  {
    name: "healthy-5000",
    title: "5,000 healthy origins",
    addresses: { healthy: 1_000 },
    plan: (origins) => originsOf(origins, 250, { healthy: 20 }),
    aim: "150 MB",
  },
  {
    name: "healthy-60000",
    title: "60,000 healthy connections: 600 origins that get the Host, with 99 aliases each",
    addresses: { healthy: 600 },
    plan: (origins) => aliasFleet(origins, "healthy", 600, 99),
    aim: "400 MB",
  },
  {
    name: "failing",
    title: "10,000 failing connections with 5 findings each: 100 origins that get the Host, with 99 aliases each",
    addresses: { failing: 100 },
    plan: (origins) => aliasFleet(origins, "failing", 100, 99),
    aim: "told, 512 MB",
  },
];

const account = "123456789012";

function originOf(id: string): string {
  return `${id.toLowerCase()}.load.test`;
}

/** Distributions with so many origins of each kind; addresses are given out in turn. */
function originsOf(
  origins: LoadOrigins,
  count: number,
  each: Readonly<Partial<Record<Kind, number>>>,
): Pick<LoadTask, "distributions" | "zone"> {
  const zone: Record<string, { readonly A: readonly string[] }> = {};
  const given: Record<Kind, number> = { healthy: 0, failing: 0, hanging: 0, deaf: 0 };
  const distributions = Array.from({ length: count }, (_, index) => {
    const own = kinds.flatMap((kind) =>
      Array.from({ length: each[kind] ?? 0 }, () => {
        const { addresses, port } = origins[kind];
        const number = given[kind];
        given[kind] += 1;
        const domain = `${kind}${number}.load.test`;
        zone[domain] = { A: [addresses[number % addresses.length] ?? ""] };
        return customOrigin(domain, port, { silent: kind === "hanging" || kind === "deaf" });
      }),
    );
    const [first] = own;
    return distribution(
      {
        id: `ELOAD${String(index).padStart(8, "0")}`,
        comment: "",
        origins: own,
        defaultBehavior: { target: first?.Id ?? "" },
        behaviors: own.slice(1).map(({ Id = "" }) => ({ pathPattern: `/${Id}/*`, target: Id })),
      },
      account,
    );
  });
  return { distributions, zone };
}

/** A distribution that forwards the Host to one origin: a connection for each alias, and one for its own name. */
function aliasesOf(id: string, aliases: number, port: number, { silent = false } = {}): DistributionSummary {
  const domain = originOf(id);
  return distribution(
    {
      id,
      comment: "",
      aliases: Array.from({ length: aliases }, (_, index) => `www${index}-${domain}`),
      origins: [customOrigin(domain, port, { silent })],
      defaultBehavior: { target: domain, originRequestPolicy: "AllViewer" },
    },
    account,
  );
}

function aliasFleet(
  origins: LoadOrigins,
  kind: Kind,
  count: number,
  aliases: number,
): Pick<LoadTask, "distributions" | "zone"> {
  const ids = Array.from({ length: count }, (_, index) => `ELOAD${String(index).padStart(8, "0")}`);
  const { addresses, port } = origins[kind];
  return {
    distributions: ids.map((id) => aliasesOf(id, aliases, port)),
    zone: Object.fromEntries(
      ids.map((id, index) => [originOf(id), { A: [addresses[index % addresses.length] ?? ""] }] as const),
    ),
  };
}

const wanted = process.argv.slice(2);
const where = await machine();
const rows: string[] = [];
for (const scenario of scenarios) {
  if (wanted.length > 0 && !wanted.includes(scenario.name)) continue;
  process.stderr.write(`${scenario.title} ...\n`);
  const result = await measure(scenario);
  process.stderr.write(`${JSON.stringify(result)}\n`);
  rows.push(row(scenario, result));
}
const lines = page(rows);
process.stdout.write(`${lines.join("\n")}\n`);
if (wanted.length === 0) writeSection("Thousands of connections", lines);

async function measure(scenario: Scenario): Promise<LoadResult> {
  const counts = kinds.map((kind) => String(scenario.addresses[kind] ?? 0));
  const origins = fork(join(import.meta.dirname, "load-origins.ts"), counts);
  try {
    const [started] = (await once(origins, "message")) as [LoadOrigins];
    const file = join(import.meta.dirname, "load-run.ts");
    const runner = spawn("bash", ["-c", `ulimit -n ${descriptors}; exec "${process.execPath}" "${file}"`], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    runner.send({ ...scenario.plan(started), rootPem: started.rootPem } satisfies LoadTask);
    const ended = once(runner, "exit").then(() => {
      throw new Error(`${scenario.name}: the run ended without a result`);
    });
    const [result] = (await Promise.race([once(runner, "message"), ended])) as [LoadResult];
    ended.catch(() => undefined);
    runner.disconnect();
    return result;
  } finally {
    origins.disconnect();
  }
}

function row({ title, aim }: Scenario, result: LoadResult): string {
  if (result.kind === "failed") {
    return tableRow([
      title,
      "",
      "",
      "",
      `${result.seconds.toFixed(0)} s`,
      "",
      `failed: ${result.error.split("\n")[0]}`,
      aim,
    ]);
  }
  const { seconds, cpuSeconds, peakMemoryMb, subjects, verdicts, codes } = result;
  const connections = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
  return tableRow([
    title,
    String(connections),
    String(connections - (codes["out-of-time"] ?? 0)),
    subjects[0] ?? "nothing",
    `${seconds.toFixed(0)} s`,
    `${cpuSeconds.toFixed(0)} s`,
    `${peakMemoryMb.toFixed(0)} MB`,
    aim,
  ]);
}

function page(rowsOfTable: readonly string[]): readonly string[] {
  return [
    `Made by \`npm run bench:load\` on ${where}.`,
    "",
    "A first run of the function that watches, as the stack deploys it: 512 MB of memory with the heap that it gives V8,",
    `${descriptors} descriptors, 240 s for the checks. CloudFront, S3, SNS, the name server and the origins are on loopback, each`,
    "origin on an address; those that hang complete no handshake, those that do not answer drop SYNs. CPU time is that of the",
    "function alone, memory the peak of what was resident. With the heap that Lambda gives V8 the 10,000 failing ones took",
    "501 MB, for 40 s of CPU time (2026-11-28).",
    "",
    tableRow(["", "connections", "looked at", "told", "wall time", "CPU time", "memory", "at most"]),
    tableRow(["---", "---:", "---:", "---", "---:", "---:", "---:", "---"]),
    ...rowsOfTable,
  ];
}
