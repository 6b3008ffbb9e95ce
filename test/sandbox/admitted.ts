import type { TLSSocket } from "node:tls";

/**
 * Calls back when the server has let the client in. In TLS 1.3 a client is connected before the server has looked at
 * its certificate; the first session ticket shows that the server went on (RFC 8446, section 4.6.1).
 */
export function onceAdmitted(socket: TLSSocket, callback: () => void): void {
  socket.once("secureConnect", () => {
    if (socket.getProtocol() !== "TLSv1.3") return callback();
    socket.once("session", callback);
    socket.resume();
  });
}
