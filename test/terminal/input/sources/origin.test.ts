import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { origin } from "../../../../bin/terminal/input/sources/origin.ts";
import { plan } from "../../../../lambda/plan/plan.ts";

const folder = mkdtempSync(join(tmpdir(), "origin-watch-hosts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(text: string): string {
  const file = join(folder, "hosts.txt");
  writeFileSync(file, text);
  return file;
}

async function connections(given: readonly string[], values: Parameters<typeof origin.open>[1] = {}) {
  const read = await origin.open(given, values).read();
  if (read.kind === "unreadable") return read.message;
  return plan(read.distributions, read.policies).connections.map(
    ({ connection: { domain, port, serverName } }) => `${domain}:${port} ${serverName}`,
  );
}

describe("origins by their names", () => {
  it("are one or several, each with its port", async () => {
    expect(await connections(["a.test", "b.test:8443"], { host: ["www.test"] })).toEqual([
      "a.test:443 www.test",
      "b.test:8443 www.test",
    ]);
  });

  it("are also read from a file, without remarks and empty lines, and one that is named twice is one", async () => {
    const hosts = fileOf("# ours\r\nb.test:8443 # the API\n\n  c.test\na.test\n");
    expect(await connections(["a.test"], { hosts })).toEqual([
      "a.test:443 a.test",
      "b.test:8443 b.test",
      "c.test:443 c.test",
    ]);
    expect(await connections([], { hosts })).toHaveLength(3);
  });

  it.each([
    ["a.test\nb test\n", /hosts\.txt: line 2: expected a domain name/],
    ["https://a.test/\n", /line 1: HOST is a domain name without https:\/\/ and path. Try: a.test$/],
    ["a.test:99999", /line 1: the port: expected 1 to 65535/],
    ["a.test\n".repeat(10_001), /it has more than 10000 lines/],
    ["\u001b[2J::error::x", /line 1: expected a domain name/],
  ])("are refused with the line that is none: %j", async (text, message) => {
    expect(await connections([], { hosts: fileOf(text) })).toMatch(message);
  });

  it("must be there", () => {
    expect(() => origin.open([], {})).toThrow("origin needs a HOST");
  });
});
