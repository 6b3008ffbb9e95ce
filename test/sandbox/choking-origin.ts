import { connect, createServer, type Socket } from "node:net";
import { readClientHello } from "./client-hello.ts";
import { type Listener, listen } from "./listener.ts";

/** Stands before an origin: passes connections on to it, but for those whose ClientHello it chokes on. */
export function startChokingOrigin(
  origin: Listener,
  hello: (bytes: Buffer) => boolean,
  choke: (near: Socket) => void,
): Promise<Listener> {
  const pass = (near: Socket, first: Buffer) => {
    const far = connect(origin.port, origin.address);
    far.on("error", () => near.destroy());
    near.on("close", () => far.destroy());
    far.write(first);
    near.pipe(far).pipe(near);
  };
  const server = createServer((near) => {
    void readClientHello(near).then((first) => {
      if (first === undefined) near.destroy();
      else if (hello(first.bytes)) choke(near);
      else pass(near, first.bytes);
    });
  });
  return listen(server);
}

/** The TLS library of this check offers encrypt_then_mac (RFC 7366), which its ClientHellos made by hand do not. */
export function isOfLibrary(hello: Buffer): boolean {
  return hello.includes(Buffer.from([0, 22, 0, 0]));
}
