import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askControl } from "../../lambda/probe/control.ts";
import { lookups } from "../../lambda/probe/dns.ts";
import { startDeafOrigin } from "../sandbox/deaf-origin.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { type Listener, listen, reserveRefusingPort } from "../sandbox/listener.ts";

let dns: DnsServer;
let open: Listener;
let refusing: Listener;
const never = new AbortController().signal;

beforeAll(async () => {
  dns = await startDnsServer({
    "aws.test": { A: ["127.0.0.1"] },
    "broken.test": { rcode: "SERVFAIL" },
    "empty.test": {},
    "mute.test": { silent: true },
  });
  [open, refusing] = await Promise.all([listen(createServer()), reserveRefusingPort()]);
});
afterAll(() => Promise.all([dns.close(), open.close(), refusing.close()]));

const ask = (host: string, port: number, signal = never) =>
  askControl([{ host, port }], lookups([dns.address]), signal);

test("a server that accepts or refuses has answered, by its name or its address", async () => {
  for (const host of ["aws.test", "127.0.0.1"]) {
    expect(await ask(host, open.port)).toEqual([{ server: `${host}:${open.port}`, outcome: "answered" }]);
    expect(await ask(host, refusing.port)).toMatchObject([{ outcome: "answered" }]);
  }
  expect(open.connections()).toBe(2);
});

test.each(["broken.test", "empty.test", "gone.test"])("%s is not resolved", async (host) => {
  expect(await ask(host, open.port)).toMatchObject([{ outcome: "unresolved" }]);
});

test.runIf(process.platform === "linux")("nothing that says nothing is waited for longer than the signal", async () => {
  const deaf = await startDeafOrigin();
  if (deaf === null) throw new Error("the deaf origin hears");
  const signal = AbortSignal.timeout(300);
  const [name, server] = await Promise.all([ask("mute.test", 443, signal), ask("127.0.0.1", deaf.port, signal)]);
  await deaf.close();
  expect([name, server]).toMatchObject([[{ outcome: "unresolved" }], [{ outcome: "silent" }]]);
});

test("asks a few of many, and nobody where none is given", async () => {
  const many = Array.from({ length: 50 }, () => ({ host: "127.0.0.1", port: open.port }));
  expect(await askControl(many, lookups([dns.address]), never)).toHaveLength(4);
  expect(await askControl([], lookups([dns.address]), never)).toEqual([]);
});
