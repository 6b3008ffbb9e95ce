import { createSecureContext, createServer, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { userAgent, userAgentOf } from "../../lambda/contract/user-agent.ts";
import { askEdge, type EdgeQuestion, type EdgeTools } from "../../lambda/probe/ask-edge.ts";
import { lookups } from "../../lambda/probe/dns.ts";
import { addressGuard } from "../../lambda/probe/private-address.ts";
import { type Authority, createAuthority, type Issued } from "../sandbox/authority.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { type Listener, listen } from "../sandbox/listener.ts";

const domainName = "dexample00001.cloudfront.net";
const question: EdgeQuestion = { domainName, host: "www.example.com", method: "HEAD", path: "/a/origin-watch-check-1" };
/** Tests that wait for it wait no longer than they must; none of them is faster on an idle machine. */
const patient = 120_000;

let authority: Authority;
let leaf: Issued;
let dns: DnsServer;
const open: Listener[] = [];

beforeAll(async () => {
  authority = await createAuthority();
  leaf = await authority.leaf({ names: ["www.example.com", "*.cloudfront.net"] });
});
beforeEach(async () => {
  dns = await startDnsServer({ [domainName]: { A: ["127.0.0.1"] } });
});
afterEach(async () => {
  await Promise.all([dns.close(), ...open.splice(0).map((each) => each.close())]);
});
afterAll(() => vi.restoreAllMocks());

/** An edge that hands each request, as it came, to `answer`. */
async function edge(answer: (socket: TLSSocket, request: string) => void, issued = leaf): Promise<Listener> {
  const server = createServer({ cert: issued.certificatePem, key: issued.keyPem }, (socket) => {
    socket.on("error", () => undefined);
    let request = "";
    socket.on("data", (chunk) => {
      request += chunk.toString("latin1");
      if (request.endsWith("\r\n\r\n")) answer(socket, request);
    });
  });
  const listener = await listen(server);
  open.push(listener);
  return listener;
}

function tools(port: number, changes: Partial<EdgeTools> = {}): EdgeTools {
  return {
    lookup: lookups([dns.address]),
    forbids: addressGuard(["127.0.0.0/8"]),
    context: createSecureContext({ ca: authority.certificatePem }),
    signal: new AbortController().signal,
    userAgent: userAgentOf("1.2.3", "https://example.com/origin-watch"),
    port,
    timeoutMs: patient,
    ...changes,
  };
}

const ok = "HTTP/1.1 200 OK\r\nX-Cache: Miss from cloudfront\r\n\r\n";

describe("a request through a distribution", () => {
  it("is these bytes and no others", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
    const requests: string[] = [];
    const names: (string | false | null)[] = [];
    const { port } = await edge((socket, request) => {
      requests.push(request);
      names.push(socket.servername ?? null);
      socket.write(ok);
    });
    const outcome = await askEdge(question, tools(port));
    vi.unstubAllEnvs();
    expect(outcome).toEqual({
      kind: "answered",
      response: {
        method: "HEAD",
        status: 200,
        headers: new Map([["x-cache", "Miss from cloudfront"]]),
        body: null,
        elapsedMs: expect.any(Number),
      },
    });
    expect(requests).toEqual([
      [
        "HEAD /a/origin-watch-check-1 HTTP/1.1",
        "Host: www.example.com",
        "User-Agent: OriginWatch/1.2.3 (+https://example.com/origin-watch; checks origins for the owner of this distribution)",
        "Accept-Encoding: identity",
        "",
        "",
      ].join("\r\n"),
    ]);
    expect(names).toEqual(["www.example.com"]);
  });

  it("says who asks, without a link as long as the project has no address", () => {
    expect(userAgentOf("1.2.3", null)).toBe("OriginWatch/1.2.3 (checks origins for the owner of this distribution)");
    expect(userAgent).toMatch(/^[ -~]{20,200}$/);
  });

  it("follows no redirect and keeps no cookie", async () => {
    const { port, connections } = await edge((socket) => {
      socket.write("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nSet-Cookie: a=b\r\n\r\n");
    });
    for (let turn = 0; turn < 2; turn++) {
      expect(await askEdge(question, tools(port))).toMatchObject({ kind: "answered", response: { status: 302 } });
    }
    expect(connections()).toBe(2);
  });

  it("closes its connection with the answer, also where the other side would go on for ever", async () => {
    const ended: Promise<unknown>[] = [];
    const { port } = await edge((socket) => {
      ended.push(new Promise((resolve) => socket.on("close", resolve)));
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, "x")));
      };
      socket.on("drain", more);
      more();
    });
    const outcome = await askEdge({ ...question, method: "GET" }, tools(port));
    expect(outcome.kind === "answered" && outcome.response.body).toBe("x".repeat(4_096));
    await Promise.all(ended);
  });

  it.each<[what: string, answer: string]>([
    ["what is not HTTP", "SSH-2.0\r\n\r\n"],
    ["headers of more than 16 KiB", `HTTP/1.1 200 OK\r\na: ${"x".repeat(20_000)}\r\n\r\n`],
    ["10,000 headers", `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(10_000)}\r\n`],
    ["interim answers without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(2_000)],
  ])("fails where it is answered %s", async (_, answer) => {
    const { port } = await edge((socket) => socket.write(answer));
    const outcome = await askEdge(question, tools(port));
    expect(outcome).toMatchObject({ kind: "failed", problem: expect.stringMatching(/^it answered [ -~]+$/) });
  });

  it("fails where the answer drips, or does not come, and leaves nothing open", async () => {
    const ended: Promise<unknown>[] = [];
    const { port } = await edge((socket) => {
      ended.push(new Promise((resolve) => socket.on("close", resolve)));
      const timer = setInterval(() => socket.write("H"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    const over = new AbortController();
    const asked = askEdge(question, tools(port, { signal: over.signal }));
    await vi.waitFor(() => expect(ended).toHaveLength(1), patient);
    over.abort();
    expect(await asked).toEqual({ kind: "failed", problem: "no answer in time" });
    await Promise.all(ended);
    expect(await askEdge(question, tools(port, { timeoutMs: 1 }))).toMatchObject({ kind: "failed" });
  });

  it("fails where the connection is closed without an answer", async () => {
    const { port } = await edge((socket) => socket.destroy());
    expect(await askEdge(question, tools(port))).toMatchObject({ kind: "failed" });
  });
});

describe("a request is not made", () => {
  it.each<[what: string, changes: Partial<EdgeQuestion>]>([
    ["to another name than CloudFront's", { domainName: "evil.internal" }],
    ["to a name that only begins so", { domainName: "dexample.cloudfront.net.evil.test" }],
    ["to a name below it", { domainName: "a.dexample.cloudfront.net" }],
    ["for a wildcard", { host: "*.example.com" }],
    ["for an address", { host: "10.0.0.12" }],
    ["for a host with a line break", { host: "www.example.com\r\nx: y" }],
    ["for a host without a dot", { host: "localhost" }],
    ["for a path with a line break", { path: "/a\r\nx: y" }],
    ["for an absolute form", { path: "http://evil.test/" }],
    ["for a path that leads elsewhere", { path: "//evil.test/" }],
    ["for a path with dots", { path: "/a/../b" }],
    ["for a path that ends in dots", { path: "/a/.." }],
    ["for a query", { path: "/a?b=c" }],
    ["for an encoded line break", { path: "/a%0d%0a" }],
    ["for a wildcard in the path", { path: "/a/*" }],
    ["for a long path", { path: `/${"a".repeat(600)}` }],
  ])("%s", async (_, changes) => {
    const { port, connections } = await edge((socket) => socket.write(ok));
    const lookup = vi.fn(lookups([dns.address]));
    const outcome = await askEdge({ ...question, ...changes }, tools(port, { lookup }));
    expect(outcome).toMatchObject({ kind: "not-asked", problem: expect.stringMatching(/^[ -~]{5,90}$/) });
    expect([lookup.mock.calls.length, connections()]).toEqual([0, 0]);
  });

  it("to an address that is not public", async () => {
    const { port, connections } = await edge((socket) => socket.write(ok));
    const outcome = await askEdge(question, tools(port, { forbids: addressGuard([]) }));
    expect(outcome).toEqual({ kind: "not-asked", problem: `${domainName} leads to an address that is loopback` });
    expect(connections()).toBe(0);
  });

  it("to a name that does not resolve", async () => {
    const { port } = await edge((socket) => socket.write(ok));
    const outcome = await askEdge({ ...question, domainName: "dunknown.cloudfront.net" }, tools(port));
    expect(outcome).toEqual({ kind: "failed", problem: "dunknown.cloudfront.net could not be looked up" });
  });

  it("to who has no certificate for the name, or none that is trusted", async () => {
    const requests: string[] = [];
    const { port } = await edge((_, request) => requests.push(request));
    const other = await askEdge({ ...question, host: "other.example.com" }, tools(port));
    expect(other).toEqual({
      kind: "failed",
      problem: "no TLS connection for other.example.com (ERR_TLS_CERT_ALTNAME_INVALID)",
    });
    const stranger = createSecureContext({ ca: (await createAuthority()).certificatePem });
    const untrusted = await askEdge(question, tools(port, { context: stranger }));
    expect(untrusted).toMatchObject({ kind: "failed", problem: expect.stringContaining("no TLS connection") });
    expect(requests).toEqual([]);
  });
});
