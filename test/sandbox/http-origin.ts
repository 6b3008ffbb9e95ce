import { createServer as createPlain, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { type Listener, type ListenOptions, listen } from "./listener.ts";

/** What an application does with a request that got through to it. */
export type Application = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers each request with this status and this text. */
export function answers(status: number, text = "", headers: Readonly<Record<string, string>> = {}): Application {
  return (_request, response) => {
    response.writeHead(status, { server: "box", "content-type": "text/plain", ...headers });
    response.end(text);
  };
}

/** Takes the request and closes, as a server that crashes over it. */
export const closesWithoutAnswer: Application = (request) => void request.socket.destroy();

/** Takes the request and never answers. */
export const neverAnswers: Application = () => undefined;

/** Answers names that it does not know with 403, as API Gateway does. */
export function onlyHosts(...hosts: readonly string[]): Application {
  return (request, response) => {
    const isKnown = hosts.includes(request.headers.host ?? "");
    answers(isKnown ? 200 : 403, isKnown ? "yes" : '{"message":"Forbidden"}', { "x-amzn-requestid": "1-2-3" })(
      request,
      response,
    );
  };
}

/** A server that speaks TLS and HTTP properly; what is wrong is in its application, or nothing. */
export function startHttpOrigin(
  application: Application,
  certificate: { readonly chain: readonly string[]; readonly keyPem: string } | null,
  place: ListenOptions = {},
): Promise<Listener> {
  const server =
    certificate === null
      ? createPlain(application)
      : createServer({ cert: certificate.chain.join("\n"), key: certificate.keyPem }, application);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return listen(server, place);
}
