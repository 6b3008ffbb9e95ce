import { request } from "node:https";

export type ViewerAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

export type ViewerRequest = {
  readonly host: string;
  readonly path?: string;
  /** @default "GET" */
  readonly method?: string;
  /** @default the host */
  readonly serverName?: string;
};

/**
 * Asks an edge as a viewer does.
 *
 * @param place where the edge listens
 * @param caPem what its certificate ends at
 */
export function view(
  { address, port }: { readonly address: string; readonly port: number },
  caPem: string,
  { host, path = "/", method = "GET", serverName = host }: ViewerRequest,
): Promise<ViewerAnswer> {
  return new Promise((resolve, reject) => {
    const options = { host: address, port, method, path, ca: caPem, servername: serverName, agent: false as const };
    const asked = request({ ...options, headers: { host } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}
