import { randomBytes, X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import { type Listener, listen } from "../listener.ts";
import { edgeCache } from "./edge-cache.ts";
import type { Places } from "./origin-connection.ts";
import type { Policies } from "./origin-target.ts";
import { newRequestId, ownReply } from "./pages.ts";
import { type EdgeReply, type FunctionsInPlace, replyTo } from "./reply.ts";
import type { ViewerCounts } from "./viewer-counts.ts";
import { distributionAt, servesName } from "./viewer-side.ts";

/** Why viewers of a distribution are stopped before anything else happens. */
export type Refusal = "blocked" | "challenged" | "throttled";

export type EdgeOptions = {
  /** Read anew with each request. */
  readonly distributions: () => readonly DistributionSummary[];
  readonly policies: Policies;
  /** `IP:PORT`, by which the edge finds origins. */
  readonly nameServer: string;
  /** PEM certificates that those of origins may end at. */
  readonly anchors: readonly string[];
  /** The certificate for these names, with its chain. */
  readonly issue: (names: readonly string[]) => Promise<{ readonly cert: string; readonly key: string }>;
  readonly counts: ViewerCounts;
  /** Milliseconds since the epoch: of certificates, ages and counts. @default the machine's time */
  readonly clock?: () => number;
  /** What stands in for CloudFront functions on viewer requests, by their ARN; the others let everything pass. */
  readonly functions?: FunctionsInPlace;
  readonly places?: Places;
};

export type Edge = Listener & {
  /** From now on stops all viewers of a distribution, or lets them in again. */
  refuse(distributionId: string, refusal: Refusal | null): void;
};

/**
 * Starts an edge location: a TLS server that serves distributions by SNI and Host, goes to their origins as CloudFront
 * documents, and answers with the origin's answer or with CloudFront's own page. It counts each answer.
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { distributions, policies, nameServer, issue, counts, clock = Date.now, functions = {} } = options;
  const anchors = options.anchors.map((pem) => new X509Certificate(pem));
  const places = options.places ?? new Map();
  const tools = { nameServer, anchors, places, turns: new Map<string, number>(), now: clock };
  const cache = edgeCache();
  const refusals = new Map<string, Refusal>();
  const own = await issue(["*.cloudfront.net"]);

  const contexts = new Map<string, Promise<SecureContext>>();
  function contextFor(serverName: string): Promise<SecureContext> {
    const distribution = distributionAt(distributions(), serverName);
    const aliases = distribution?.Aliases?.Items ?? [];
    const isOwn = aliases.length === 0 || serverName.endsWith(".cloudfront.net");
    const names = isOwn ? [] : aliases;
    const known = contexts.get(names.join());
    if (known !== undefined) return known;
    const made = (isOwn ? Promise.resolve(own) : issue(names)).then(createSecureContext);
    contexts.set(names.join(), made);
    return made;
  }

  async function serve(request: IncomingMessage, requestId: string): Promise<[id: string | null, reply: EdgeReply]> {
    const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
    const distribution = distributionAt(distributions(), host);
    if (distribution === undefined) return [null, ownReply(403, "Bad request.", requestId)];
    const id = distribution.Id ?? "";
    const name = request.socket instanceof TLSSocket ? request.socket.servername : false;
    if (name && !servesName(distribution, name) && distributionAt(distributions(), name) !== undefined) {
      return [null, ownReply(421, "The distribution does not match the certificate.", requestId)];
    }
    const refusal = refusals.get(id);
    if (refusal !== undefined) return [id, stopped(refusal, requestId)];
    const viewer = { host, path: (request.url ?? "/").split("?")[0] ?? "/", method: request.method ?? "GET" };
    return [id, await replyTo(distribution, viewer, requestId, { policies, tools, cache, functions })];
  }

  const server = createServer(
    {
      ...own,
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, done) => void contextFor(name.toLowerCase()).then((made) => done(null, made), done),
    },
    (request, response) => {
      const requestId = newRequestId();
      serve(request, requestId).then(
        ([id, reply]) => {
          if (id !== null) counts.add(id, reply.status, clock());
          send(response, reply, requestId);
        },
        // A fault of the box itself must not look like an answer of CloudFront's.
        () => response.destroy(),
      );
    },
  );
  server.maxConnections = 256;
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  const listener = await listen(server);
  return {
    ...listener,
    refuse(distributionId, refusal) {
      if (refusal === null) refusals.delete(distributionId);
      else refusals.set(distributionId, refusal);
    },
  };
}

function send(response: ServerResponse, { status, headers, body, xCache }: EdgeReply, requestId: string): void {
  response.writeHead(status, {
    ...headers,
    "content-length": body.length,
    ...(xCache === null ? {} : { "x-cache": `${xCache} from cloudfront` }),
    via: `1.1 ${randomBytes(16).toString("hex")}.cloudfront.net (CloudFront)`,
    "x-amz-cf-pop": "FRA56-P1",
    "x-amz-cf-id": requestId,
  });
  // Node sends no body where there is none, such as to a HEAD.
  response.end(body);
}

/** As WAF and CloudFront's quotas do: https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html */
function stopped(refusal: Refusal, requestId: string): EdgeReply {
  switch (refusal) {
    case "blocked":
      return ownReply(403, "Request blocked.", requestId);
    case "challenged": {
      const headers = { server: "CloudFront", "x-amzn-waf-action": "challenge" };
      return { status: 202, headers, body: Buffer.alloc(0), xCache: "Error" };
    }
    case "throttled":
      return { status: 429, headers: { server: "CloudFront" }, body: Buffer.alloc(0), xCache: "Error" };
  }
}
