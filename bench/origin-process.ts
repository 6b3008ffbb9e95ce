import { readFileSync } from "node:fs";
import { createServer } from "node:tls";

/**
 * A healthy TLS origin in a process of its own, so that its work does not count as the client's.
 * Arguments: certificate chain file, key file. Prints its port, and on SIGUSR2 the TCP connections accepted so far.
 */
const [, , certificateFile = "", keyFile = ""] = process.argv;
let connections = 0;
const server = createServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, (socket) => {
  socket.on("error", () => undefined);
  socket.resume();
});
server.on("connection", () => {
  connections += 1;
});
server.on("tlsClientError", () => undefined);
process.on("SIGUSR2", () => process.stdout.write(`${connections}\n`));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
});
