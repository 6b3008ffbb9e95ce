import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { createAuthority } from "../test/sandbox/authority.ts";
import type { Listener } from "../test/sandbox/listener.ts";
import { startRawOrigin } from "../test/sandbox/raw-origin.ts";
import { startTlsOrigin } from "../test/sandbox/tls-origin.ts";
import type { LoadOrigins } from "./load.ts";

/**
 * Origins in a process of their own, so that their work does not count as the function's. All listen on addresses of
 * loopback. Arguments: how many addresses of each kind. Sends LoadOrigins.
 */
const [, , healthy = "0", failing = "0", hanging = "0", deaf = "0"] = process.argv;

const root = await createAuthority({ name: "Load Root" });
const issuing = await root.intermediate({ name: "Load Issuing" });
const names = ["*.load.test", "*.cloudfront.net"];
const leaf = await issuing.leaf({ names });
const good = { chain: [leaf, issuing].map(({ certificatePem }) => certificatePem), keyPem: leaf.keyPem };

// Expired, for another name and another purpose, of a root that nobody trusts, and sent in the wrong order.
const stranger = await createAuthority({ name: "Company Root" });
const strangers = await stranger.intermediate({ name: "Company Issuing" });
const broken = await strangers.leaf({
  names: ["other.test"],
  notBefore: -92,
  notAfter: -2,
  eku: ["clientAuth"],
});
const bad = {
  chain: [broken, stranger, strangers].map(({ certificatePem }) => certificatePem),
  keyPem: broken.keyPem,
};

const listening = `
  const { createServer } = require("node:net");
  let port = 0;
  const next = (addresses) => {
    const [host, ...others] = addresses;
    if (host === undefined) return console.log(port);
    const server = createServer();
    server.listen({ host, port, backlog: 1 }, () => {
      port = server.address().port;
      next(others);
    });
  };
  next(process.argv.slice(1));
`;

const origins: LoadOrigins = {
  rootPem: root.certificatePem,
  healthy: await several(10, healthy, (address, port) => startTlsOrigin({ ...good, address, port })),
  failing: await several(20, failing, (address, port) => startTlsOrigin({ ...bad, address, port })),
  hanging: await several(30, hanging, (address, port) => startRawOrigin({ kind: "silent" }, { address, port })),
  deaf: await deafOrigins(addressesFrom(60, Number(deaf))),
};
process.send?.(origins);
process.on("disconnect", () => process.exit());

/** Addresses from 127.FIRST.0.1 on. */
function addressesFrom(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const [high, middle, low] = [Math.floor(index / 62_500), Math.floor(index / 250) % 250, index % 250];
    return `127.${first + high}.${middle}.${low + 1}`;
  });
}

/** The same port on each address. */
async function several(
  first: number,
  count: string,
  start: (address: string, port: number) => Promise<Listener>,
): Promise<LoadOrigins["healthy"]> {
  const addresses = addressesFrom(first, Number(count));
  let port = 0;
  for (const address of addresses) port = (await start(address, port)).port;
  return { addresses, port };
}

/** Addresses that leave SYNs unanswered, as behind a firewall; see test/sandbox/deaf-origin.ts. */
async function deafOrigins(addresses: readonly string[]): Promise<LoadOrigins["deaf"]> {
  if (addresses.length === 0) return { addresses, port: 0 };
  const server = spawn(process.execPath, ["-e", listening, ...addresses], { stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => server.kill("SIGKILL"));
  const [port] = (await once(createInterface(server.stdout), "line")) as [string];
  server.kill("SIGSTOP");
  const queue: Socket[] = [];
  for (const address of addresses) {
    // A backlog of one is a queue of two.
    for (let count = 0; count < 2; count += 1) {
      const socket = connect({ host: address, port: Number(port) });
      queue.push(socket);
      await once(socket, "connect");
    }
  }
  return { addresses, port: Number(port) };
}
