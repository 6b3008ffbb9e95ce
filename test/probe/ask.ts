import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "vitest";
import { type RawAnswer, rawHello } from "../../lambda/probe/raw-hello.ts";
import type { HelloOffer } from "../../lambda/tls/client-hello.ts";

/** Connects, sends one raw hello, and checks what holds for every answer: the socket is gone. */
export async function ask(
  { address = "127.0.0.1", port }: { readonly address?: string; readonly port: number },
  offer: HelloOffer,
  { timeoutMs = 5_000, signal = new AbortController().signal } = {},
): Promise<RawAnswer> {
  const socket = connect(port, address);
  await once(socket, "connect");
  const answer = await rawHello(socket, offer, { timeoutMs, signal });
  expect(socket.destroyed).toBe(true);
  return answer;
}
