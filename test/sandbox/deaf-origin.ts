import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import type { Listener, ListenOptions } from "./listener.ts";

/**
 * Starts an origin that does not answer connection requests, as one behind a firewall that drops them: a process that
 * listens, is stopped, and whose queue of waiting connections is then filled. Linux leaves further SYNs unanswered.
 *
 * Null where the system answers them all the same.
 */
export async function startDeafOrigin({
  address = "127.0.0.1",
  port: wanted = 0,
}: ListenOptions = {}): Promise<Listener | null> {
  const place = [address, String(wanted)];
  const server = spawn(process.execPath, ["-e", listening, "--", ...place], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(server, "close");
  const [port] = (await once(createInterface(server.stdout), "line")) as [string];
  server.kill("SIGSTOP");
  const waiting: Socket[] = [];
  const close = async () => {
    for (const socket of waiting) socket.destroy();
    server.kill("SIGKILL");
    await ended;
  };
  while (waiting.length < mostConnections) {
    const socket = connect({ host: address, port: Number(port) });
    socket.on("error", () => undefined);
    waiting.push(socket);
    const answered = await Promise.race([once(socket, "connect").then(() => true), setTimeout(waitMs, false)]);
    if (!answered) return { address, port: Number(port), connections: () => 0, close };
  }
  await close();
  return null;
}

const listening = `
  const server = require("node:net").createServer();
  const [address, port] = process.argv.slice(-2);
  server.listen({ host: address, port: Number(port), backlog: 1 }, () => console.log(server.address().port));
`;

/** A connection over loopback stands within a millisecond. */
const waitMs = 200;
const mostConnections = 16;
