import type { CloudFrontClient } from "@aws-sdk/client-cloudfront";

/** A server of AWS: the name or address that a client was told to use, and the port. */
type Server = { readonly host: string; readonly port: number };

export type ServersUsed = {
  /** Those that did what they were asked since the last time that this was called. */
  take(): readonly Server[];
};

/**
 * Notes which servers of AWS answer the client. S3 and SNS would say less: a VPC may have endpoints of its own for them,
 * which answer without any way to the internet.
 */
export function serversUsed(client: CloudFrontClient): ServersUsed {
  const used = new Map<string, Server>();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const server = serverOf(args.request);
      if (server !== null) used.set(`${server.host}:${server.port}`, server);
      return result;
    },
    { step: "finalizeRequest" },
  );
  return {
    take() {
      const all = [...used.values()];
      used.clear();
      return all;
    },
  };
}

function serverOf(request: unknown): Server | null {
  if (typeof request !== "object" || request === null) return null;
  const host: unknown = Reflect.get(request, "hostname");
  const port: unknown = Reflect.get(request, "port");
  const usual = Reflect.get(request, "protocol") === "http:" ? 80 : 443;
  return typeof host === "string" ? { host, port: typeof port === "number" ? port : usual } : null;
}
