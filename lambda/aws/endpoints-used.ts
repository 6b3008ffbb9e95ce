import type { CloudFrontClient } from "@aws-sdk/client-cloudfront";
import type { S3Client } from "@aws-sdk/client-s3";

type Endpoint = { readonly host: string; readonly port: number };

export type EndpointsUsed = {
  /** Those that answered since the last time that this was asked for. */
  take(): readonly Endpoint[];
};

/** Notes which servers of AWS answer the clients: the host of each request that got an answer that says it worked. */
export function endpointsUsed(cloudFront: CloudFrontClient, s3: S3Client): EndpointsUsed {
  const used = new Map<string, Endpoint>();
  function note(request: unknown): void {
    const endpoint = endpointOf(request);
    if (endpoint !== null) used.set(`${endpoint.host}:${endpoint.port}`, endpoint);
  }
  // Two calls, because each client has types of its own for its middleware.
  cloudFront.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      note(args.request);
      return result;
    },
    { step: "finalizeRequest" },
  );
  s3.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      note(args.request);
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

function endpointOf(request: unknown): Endpoint | null {
  if (typeof request !== "object" || request === null) return null;
  const host: unknown = Reflect.get(request, "hostname");
  const port: unknown = Reflect.get(request, "port");
  const usual = Reflect.get(request, "protocol") === "http:" ? 80 : 443;
  return typeof host === "string" ? { host, port: typeof port === "number" ? port : usual } : null;
}
