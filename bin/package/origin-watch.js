#!/usr/bin/env node
// What npm links as the command. The bundle is imported and not a part of this, so that an old Node can still be told.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(`origin-watch: Node 22.15 or newer is needed, this is ${process.versions.node}\n`);
  process.exit(2);
}
await import("./command/command.js");
