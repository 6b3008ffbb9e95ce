import { describe, expect, it } from "vitest";
import type { HelloOffer } from "../../lambda/tls/client-hello.ts";
import { type ClientSide, clientSide } from "../../lambda/tls/client-side.ts";
import { createKeyShare } from "../../lambda/tls/key-share.ts";
import type { ServerHello } from "../../lambda/tls/messages.ts";

const offer: HelloOffer = {
  versions: ["TLSv1.2", "TLSv1.3"],
  cipherSuites: [0x1301, 0x1302, 0xc02f],
  groups: ["secp256r1", "x25519", "ffdhe2048"],
  signatureSchemes: ["rsa_pss_rsae_sha256"],
  serverName: "a.test",
};

function start(changes: Partial<HelloOffer> = {}) {
  const sent: Buffer[] = [];
  const client = clientSide({ ...offer, ...changes }, (bytes) => sent.push(bytes));
  // Record header, message header, version and random come before the session id and its length.
  const sessionId = client.hello.subarray(5 + 4 + 2 + 32 + 1).subarray(0, 32);
  return { client, sent, sessionId };
}

const key = (group: "secp256r1" | "x25519" | "secp384r1" = "secp256r1") => createKeyShare(group)!.publicKey;

function hello(changes: Partial<ServerHello>): ServerHello {
  return {
    version: 0x0304,
    random: Buffer.alloc(32, 7),
    sessionId: Buffer.alloc(0),
    cipherSuite: 0x1301,
    compression: 0,
    group: 23,
    publicKey: changes.helloRetryRequest === true ? null : key(),
    cookie: null,
    helloRetryRequest: false,
    ...changes,
  };
}

const answer = (client: ClientSide, changes: Partial<ServerHello>) =>
  client.serverHello(hello(changes), Buffer.from([2]));

describe("clientSide", () => {
  it.each([
    [0x1301, 32],
    [0x1302, 48],
  ])("derives a secret for suite %i of %i bytes", (cipherSuite, length) => {
    const { client, sessionId } = start();
    expect(answer(client, { sessionId, cipherSuite })?.length).toBe(length);
  });

  it.each([
    ["another session id", { sessionId: Buffer.alloc(32) }, "session id that is not the client's"],
    ["no key share", { group: null, publicKey: null }, "ServerHello of TLS 1.3 without a key share"],
    ["a key share without a key", { publicKey: null }, "ServerHello of TLS 1.3 without a key share"],
    ["a group of which no key was sent", { group: 29 }, "key share of x25519, for which none was sent"],
    ["a point that is not on the curve", { publicKey: Buffer.alloc(65, 4) }, "key share that is no key of secp256r1"],
    ["a compressed point", { publicKey: Buffer.alloc(33, 2) }, "key share that is no key of secp256r1"],
    ["an empty key", { publicKey: Buffer.alloc(0) }, "key share that is no key of secp256r1"],
    ["a suite of TLS 1.2", { cipherSuite: 0xc02f }, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 chosen for TLSv1.3"],
    ["a suite not offered", { cipherSuite: 0x1303 }, "TLS_CHACHA20_POLY1305_SHA256 chosen, not offered"],
    ["compression", { compression: 1 }, "compression method 1 chosen, not offered"],
  ])("refuses %s in TLS 1.3", (_, changes, problem) => {
    const { client, sessionId } = start();
    expect(() => answer(client, { sessionId, ...changes })).toThrow(problem);
  });

  it("refuses an X25519 key that makes the secret zero", () => {
    const { client, sessionId } = start({ keyShares: ["x25519"] });
    const changes = { sessionId, group: 29, publicKey: Buffer.alloc(32) };
    expect(() => answer(client, changes)).toThrow("key share that is no key of x25519");
  });

  it("answers a HelloRetryRequest once, with a key of the group and the cookie", () => {
    const { client, sent, sessionId } = start();
    const cookie = Buffer.from("c00c1ec00c1e", "hex");
    expect(answer(client, { sessionId, helloRetryRequest: true, group: 29, cookie })).toBeNull();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.subarray(0, 6).toString("hex")).toBe("140303000101");
    expect(sent[0]?.includes(cookie)).toBe(true);
    expect(answer(client, { sessionId, group: 29, publicKey: key("x25519") })?.length).toBe(32);
  });

  it.each([
    ["a group not offered", { group: 24 }, "secp384r1 asked for, not offered"],
    ["a group of which a key was sent", { group: 23 }, "secp256r1 asked for, of which a key had been sent"],
    ["nothing", { group: null }, "HelloRetryRequest that asks for nothing"],
    ["an older version", { group: 29, version: 0x0303, cipherSuite: 0xc02f }, "HelloRetryRequest of TLSv1.2"],
  ])("refuses a HelloRetryRequest for %s", (_, changes, problem) => {
    const { client, sent, sessionId } = start();
    expect(() => answer(client, { sessionId, helloRetryRequest: true, ...changes })).toThrow(problem);
    expect(sent).toEqual([]);
  });

  it("refuses a second HelloRetryRequest, and another suite or group after the first", () => {
    const retry = { helloRetryRequest: true, group: 29 };
    const afterRetry = (changes: Partial<ServerHello>) => {
      const { client, sessionId } = start();
      answer(client, { sessionId, ...retry });
      return () => answer(client, { sessionId, group: 29, publicKey: key("x25519"), ...changes });
    };
    expect(afterRetry({ ...retry, publicKey: null })).toThrow("second HelloRetryRequest");
    expect(afterRetry({ cipherSuite: 0x1302 })).toThrow("another suite than HelloRetryRequest");
    expect(afterRetry({ group: 23, publicKey: key() })).toThrow("key share of secp256r1, for which none was sent");
  });

  it("stops where it has no key of the group that is asked for", () => {
    const { client, sent, sessionId } = start();
    answer(client, { sessionId, helloRetryRequest: true, group: 0x0100 });
    expect(client.cannotFollow).toBe("certificates under ffdhe2048 are not read");
    expect(sent).toEqual([]);
  });

  it("refuses an older version from a server that says it knows TLS 1.3", () => {
    const random = Buffer.concat([Buffer.alloc(24), Buffer.from("DOWNGRD\x01", "latin1")]);
    const old = { version: 0x0303, cipherSuite: 0xc02f, random };
    expect(() => answer(start().client, old)).toThrow("TLSv1.2 chosen by a server that knows a newer version");
    expect(answer(start({ versions: ["TLSv1.2"] }).client, old)).toBeNull();
  });
});
