import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { vi } from "vitest";

/** A service of AWS that says what a test wants, on loopback. */
export type Answering = {
  readonly url: string;
  /** The bodies that it was asked with. */
  readonly asked: string[];
  close(): Promise<void>;
};

/** Credentials and a Region, until `vi.unstubAllEnvs`. */
export function signIn(): void {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "of-a-test");
  vi.stubEnv("AWS_REGION", "eu-central-1");
}

/** @param answer null for no answer at all */
export async function answering(
  answer: (body: string, count: number) => { readonly status?: number; readonly body: string } | null,
): Promise<Answering> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      asked.push(body);
      const said = answer(body, asked.length);
      if (said === null) return;
      const type = said.body.startsWith("<") ? "text/xml" : "application/x-amz-json-1.1";
      response.writeHead(said.status ?? 200, { "content-type": type, "x-amzn-requestid": "of-a-test" }).end(said.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
