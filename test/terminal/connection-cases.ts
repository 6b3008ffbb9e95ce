import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { checkInProcess } from "./check-in-process.ts";

/** What a file leads to, and what the command says of it. A row that is only a place is a connection that is checked. */
export type Case = {
  readonly status: number;
  readonly rows: readonly string[];
  /** What is said on standard error; nothing where it is left out. */
  readonly said?: RegExp;
  readonly args?: readonly string[];
};

/** Checks the files of a folder with `check SOURCE` where no name exists, for the tests of one file. */
export function connectionCases(source: "template" | "terraform", folder: string) {
  const temporary = mkdtempSync(join(tmpdir(), `origin-watch-${source}-`));
  let dns: DnsServer;
  // No name exists, so that a connection that is checked fails with `dns-name-not-found`, and no other does.
  beforeAll(async () => {
    dns = await startDnsServer({});
  });
  afterAll(async () => {
    await dns.close();
    rmSync(temporary, { recursive: true, force: true });
  });

  async function check(file: string, ...args: readonly string[]) {
    const path = resolve(folder, file);
    const run = await checkInProcess([source, path, ...args, "--json", "--dns-server", dns.address]);
    // `<Name>` stands for a placeholder, which in a text of TypeScript looks like a mistake.
    const verdicts = run.records.map((record) => verdictOf(record).replaceAll(/\$\{([^{}]*)\}/g, "<$1>"));
    const rows = verdicts.map((verdict) => verdict.replace("failing ", "").replace(" dns-name-not-found", ""));
    return { ...run, verdicts, rows };
  }
  return { check, temporary, dnsServer: () => dns.address };
}

function verdictOf({ verdict, connection, findings, skipped }: Checked): string {
  const { domain, port, serverName } = connection;
  const place = `${domain}${port === 443 ? "" : `:${port}`}${serverName === null || serverName === domain ? "" : ` as ${serverName}`}`;
  return [verdict, place, ...new Set(findings.map(({ code }) => code)), ...(skipped === null ? [] : [skipped])].join(
    " ",
  );
}

type Checked = Awaited<ReturnType<typeof checkInProcess>>["records"][number];
