import { InvokeCommand, LambdaClient, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import { printable } from "../text/printable.ts";
import { untilAborted } from "./failure.ts";
import { refusal } from "./refusal.ts";

/** What became of invoking a worker; every outcome is a value. */
export type Invoked =
  | { readonly kind: "answered"; readonly text: string }
  /** `final`: another try now would end in the same way. */
  | { readonly kind: "failed"; readonly why: string; readonly final: boolean };

/** A call that nobody waits for any more: the caller's own signal comes earlier, as Lambda ends the worker after 120 s. */
const longestCallMs = 130_000;

/**
 * A client for the workers of a Region, null for what the AWS configuration says. It tries once: a second try of its own would have the same origins observed
 * twice. The SDK opens 50 sockets by default, and a call holds one for as long as its worker works.
 *
 * @param most calls that may be under way at once
 * @param given whose rights they are made with, where not those of the environment
 */
export function workersClient(
  region: string | null,
  most: number,
  given: Pick<LambdaClientConfig, "profile" | "credentials"> = {},
): LambdaClient {
  return new LambdaClient({
    ...given,
    ...(region === null ? {} : { region }),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: longestCallMs,
      throwOnRequestTimeout: true,
      socketTimeout: longestCallMs,
      httpsAgent: { keepAlive: true, maxSockets: most + 10 },
      httpAgent: { keepAlive: true, maxSockets: most + 10 },
    },
  });
}

/**
 * Invokes a worker and waits for its answer, until the signal. Never rejects.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function invokeWorker(
  client: LambdaClient,
  functionName: string,
  event: string,
  signal: AbortSignal,
): Promise<Invoked> {
  try {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: "RequestResponse",
      Payload: Buffer.from(event),
    });
    const { FunctionError, Payload } = await untilAborted(client.send(command, { abortSignal: signal }), signal);
    // What a failed function says of itself is in its log; here it would be text of somebody else.
    if (FunctionError !== undefined) return failed(`the worker failed (${errorTypeOf(Payload)}); its log says why`);
    return { kind: "answered", text: Payload?.transformToString() ?? "" };
  } catch (thrown) {
    const name = thrown instanceof Error ? thrown.name : "";
    if (name === "ResourceNotFoundException") return failed(`there is no function ${functionName}`, true);
    const { error, denied } = refusal(thrown, `lambda:InvokeFunction on ${functionName}`, signal);
    return failed(name === "TooManyRequestsException" ? "Lambda throttled the call" : error, denied);
  }
}

function failed(why: string, final = false): Invoked {
  return { kind: "failed", why, final };
}

/** Names of errors are words of programs; of anything else nothing is repeated. */
function errorTypeOf(payload: Uint8Array | undefined): string {
  const found = /"errorType"\s*:\s*"([A-Za-z0-9_.]{1,80})"/.exec(
    Buffer.from(payload?.subarray(0, 65_536) ?? []).toString("latin1"),
  );
  return printable(found?.[1] ?? "unknown", 80);
}
