import childProcess from "node:child_process";
import dgram from "node:dgram";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

// Holds `npm run test:unit` to what it says: no server, no connection, no process of its own.

function refuse(what: string): () => never {
  return () => {
    throw new Error(`A unit test may not ${what}: list its file under "live" in vitest.config.ts.`);
  };
}

net.Server.prototype.listen = refuse("open a server");
net.Socket.prototype.connect = refuse("connect to anything");
dgram.Socket.prototype.bind = refuse("open a socket");
Object.assign(childProcess.ChildProcess.prototype, { spawn: refuse("start a process") });
childProcess.spawnSync = refuse("start a process");
childProcess.execFileSync = refuse("start a process");
childProcess.execSync = refuse("start a process");
syncBuiltinESMExports();
