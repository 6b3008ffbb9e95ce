import { promises } from "node:dns";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type DnsServer, startDnsServer } from "./dns-server.ts";

let server: DnsServer;
let resolver: promises.Resolver;

beforeEach(async () => {
  server = await startDnsServer({
    "Both.box.test": { A: ["127.0.0.1", "127.0.0.2"], AAAA: ["::1"] },
    "v4.box.test": { A: ["127.0.0.1"] },
    "alias.box.test": { CNAME: "both.box.test" },
    "dangling.box.test": { CNAME: "nowhere.box.test" },
    "loop.box.test": { CNAME: "loop.box.test" },
    "servfail.box.test": { rcode: "SERVFAIL" },
    "silent.box.test": { silent: true },
  });
  resolver = resolverFor();
});

afterEach(() => server.close());

/** Only where nobody answers is the time an outcome. */
function resolverFor(timeout = 60_000): promises.Resolver {
  const made = new promises.Resolver({ timeout, tries: 1 });
  made.setServers([server.address]);
  return made;
}

const outcome = (lookup: Promise<string[]>) => lookup.catch((error: NodeJS.ErrnoException) => error.code);

it("answers with the addresses of the zone, whatever the case of the name", async () => {
  expect(await resolver.resolve4("bOTH.box.test")).toEqual(["127.0.0.1", "127.0.0.2"]);
  expect(await resolver.resolve6("both.box.test")).toEqual(["::1"]);
  expect(await resolver.resolve4("alias.box.test")).toEqual(["127.0.0.1", "127.0.0.2"]);
});

it.each([
  ["nowhere.box.test", "ENOTFOUND"],
  ["dangling.box.test", "ENOTFOUND"],
  ["servfail.box.test", "ESERVFAIL"],
  ["loop.box.test", "ESERVFAIL"],
])("fails for %s with %s", async (name, code) => {
  expect(await outcome(resolver.resolve4(name))).toBe(code);
});

it("leaves a query without an answer where it is told to", async () => {
  expect(await outcome(resolverFor(100).resolve4("silent.box.test"))).toBe("ETIMEOUT");
});

it("has no record of a type that the entry lacks", async () => {
  expect(await outcome(resolver.resolve6("v4.box.test"))).toBe("ENODATA");
});

it("changes while it runs", async () => {
  server.set("New.box.test", { A: ["127.0.0.3"] });
  expect(await resolver.resolve4("new.box.test")).toEqual(["127.0.0.3"]);
  server.set("new.box.test", undefined);
  expect(await outcome(resolver.resolve4("new.box.test"))).toBe("ENOTFOUND");
});

it("remembers the queries", async () => {
  await resolver.resolve4("V4.box.test");
  await outcome(resolver.resolve6("v4.box.test"));
  expect(server.queries()).toEqual(["A v4.box.test", "AAAA v4.box.test"]);
});
