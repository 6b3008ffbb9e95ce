import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { createPki } from "../sandbox/account-origins.ts";
import { distribution } from "../sandbox/distributions.ts";
import { startDnsServer } from "../sandbox/dns-server.ts";
import { checkInProcess } from "./check-in-process.ts";
import { idOf, originCases, type Stage, withoutOwnName } from "./origin-cases.ts";

const temporary = mkdtempSync(join(tmpdir(), "origin-watch-origins-"));
const closing: (() => Promise<void>)[] = [];
let records: readonly ConnectionRecord[] = [];

/** All cases are one account, so that those without an answer cost their time once. */
beforeAll(async () => {
  const stage: Stage = { pki: await createPki(), zone: new Map(), listeners: [] };
  closing.push(async () => void (await Promise.all(stage.listeners.map(({ close }) => close()))));
  const distributions = [];
  for (const [index, [name, { outline, behavior, parts, origins: start }]] of Object.entries(originCases).entries()) {
    const origins = await start(stage);
    const target = outline?.groups?.[0]?.id ?? origins[0]!.Id!;
    const defaultBehavior = { ...outline?.defaultBehavior, target };
    const others = origins.slice(1).map(({ Id }) => ({ target: Id!, pathPattern: `/${Id}/*`, ...alike(outline) }));
    const behaviors = outline?.behaviors ?? (outline?.groups === undefined ? others : []);
    const made = distribution(
      { id: idOf(index), comment: name, ...outline, origins, defaultBehavior, behaviors },
      "111122223333",
    );
    distributions.push({ ...made, ...parts, DefaultCacheBehavior: { ...made.DefaultCacheBehavior, ...behavior } });
  }
  const dns = await startDnsServer(Object.fromEntries(stage.zone));
  closing.push(() => dns.close());
  const [config, root] = [join(temporary, "config.json"), join(temporary, "root.pem")];
  writeFileSync(config, JSON.stringify({ DistributionList: { Items: distributions } }));
  writeFileSync(root, stage.pki.root.certificatePem);
  const args = ["--ca", root, "--dns-server", dns.address, "--allow-private", "--timeout", "5"];
  ({ records } = await checkInProcess(["config", config, "--json", ...args]));
});

afterAll(async () => {
  for (const close of closing) await close();
  rmSync(temporary, { recursive: true, force: true });
});

/** Another origin's behavior forwards what the default one does. */
function alike(outline: (typeof originCases)[string]["outline"]) {
  const { target: _, ...policies } = outline?.defaultBehavior ?? { target: "" };
  return policies;
}

function rowsOf(index: number): string[] {
  const own = records.filter(({ uses }) => uses.some(({ distributionId }) => distributionId === idOf(index)));
  return own.map(({ verdict, connection, findings, skipped }) => {
    const { domain, serverName } = connection;
    const place = serverName === null || serverName === domain ? domain : `${domain} as ${serverName}`;
    const codes = [...new Set(findings.map(({ code, effect }) => `${code}:${effect}`))].toSorted();
    const why = skipped === null ? codes : [skipped];
    return withoutOwnName([`${verdict} ${place}`, ...why].join(" "), index);
  });
}

it("judges every origin as the table says", async () => {
  const lines = Object.entries(originCases).flatMap(([name, { behind, onlyLater = "" }], index) =>
    rowsOf(index).map((row, nth) => (nth === 0 ? [name, behind, row, onlyLater] : ["", "", row, ""]).join("\t")),
  );
  const head = ["case", "what is behind the name", "verdict and codes", "what one look cannot tell"].join("\t");
  await expect([head, ...lines, ""].join("\n")).toMatchFileSnapshot("origin-cases.tsv");
});
