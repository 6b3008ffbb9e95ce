import { type CloudFrontClient, GetFunctionCommand } from "@aws-sdk/client-cloudfront";
import type { Distribution, EdgeFunction } from "../configuration/distribution.ts";
import {
  type FunctionCode,
  type FunctionReading,
  mostCodeBytes,
  readFunctionCode,
} from "../configuration/function-code.ts";
import { asking } from "./asking.ts";
import { abortedBy } from "./failure.ts";
import { beyondProblem, type Detailed, detailProblem } from "./inventory-problems.ts";

/** What is known of functions, by ARN, and the day (UTC) of the run: what was read on it is not read again. */
export type KnownFunctions = { readonly today: string; readonly readings: ReadonlyMap<string, FunctionReading> };

/** Distributions whose functions are known, and what there is to remember of those that are in use. */
export type WithFunctions = Detailed & { readonly readings: ReadonlyMap<string, FunctionReading> };

/** Twice AWS's default quota for an account. */
export const mostFunctionsRead = 200;

/**
 * Reads what the CloudFront functions for viewer requests can do: one GetFunction each, once a day. The code is looked
 * through here and goes no further; nobody else gets to see it, because it may hold passwords.
 *
 * Needs cloudfront:GetFunction. What cannot be read keeps what an earlier run found, or is taken for a function that can
 * do anything.
 */
export async function withFunctionCode(
  client: CloudFrontClient,
  distributions: readonly Distribution[],
  { today, readings: known }: KnownFunctions,
  signal: AbortSignal | undefined,
): Promise<WithFunctions> {
  const arns = [...new Set(distributions.flatMap(functionsOf))];
  const readings = new Map<string, FunctionReading>();
  const asked = asking(signal);
  for (const arn of arns.slice(0, mostFunctionsRead)) {
    const earlier = known.get(arn);
    const code = earlier?.readOn === today ? null : await asked.ask(nameOf(arn), () => readCode(client, arn, signal));
    const reading = code === null ? earlier : { readOn: today, code };
    if (reading !== undefined) readings.set(arn, reading);
  }
  const beyond = new Set(arns.slice(mostFunctionsRead));
  return {
    distributions: distributions.map((each) => withCode(each, readings)),
    readings,
    problems: [
      ...detailProblem({ ...missing, ...asked.result(), operation: "GetFunction", resource: "function/*" }),
      ...beyondProblem({
        ...missing,
        ids: [...beyond].map(nameOf),
        most: mostFunctionsRead,
        remedy: "Put the distributions that use them into `excludeDistributions`, or mute the code details-unreadable.",
        distributions: distributions
          .filter((each) => functionsOf(each).some((arn) => beyond.has(arn)))
          .map(({ id }) => id),
      }),
    ],
  };
}

const missing = {
  what: "Functions",
  consequence: "what they do to requests is not known, so that failures behind them may be reported as risks",
  code: "details-unreadable",
} as const;

/** Null where the answer is larger than a function can be. */
async function readCode(
  client: CloudFrontClient,
  arn: string,
  signal: AbortSignal | undefined,
): Promise<FunctionCode | null> {
  const command = new GetFunctionCommand({ Name: nameOf(arn), Stage: "LIVE" });
  const { FunctionCode: code } = await client.send(command, abortedBy(signal));
  if (code === undefined || code.byteLength > mostCodeBytes) return null;
  return readFunctionCode(Buffer.from(code).toString("utf8"));
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateFunction.html */
const functionArn = /^arn:aws[a-z-]*:cloudfront::\d{12}:function\/([a-zA-Z0-9-_]{1,64})$/;

function nameOf(arn: string): string {
  return arn.slice(arn.indexOf("/") + 1);
}

/** The ARNs of the functions of a distribution that can keep a request from its origin. */
function functionsOf({ enabled, behaviors }: Distribution): readonly string[] {
  if (!enabled) return [];
  return behaviors.flatMap(({ edgeFunctions }) => edgeFunctions.filter(isRead).map(({ arn }) => arn));
}

function isRead({ runtime, eventType, arn }: EdgeFunction): boolean {
  return runtime === "cloudfront-functions" && eventType === "viewer-request" && functionArn.test(arn);
}

function withCode(distribution: Distribution, readings: ReadonlyMap<string, FunctionReading>): Distribution {
  if (!functionsOf(distribution).some((arn) => readings.has(arn))) return distribution;
  const behaviors = distribution.behaviors.map((behavior) => ({
    ...behavior,
    edgeFunctions: behavior.edgeFunctions.map((each) => {
      const reading = isRead(each) ? readings.get(each.arn) : undefined;
      return reading === undefined ? each : { ...each, code: reading.code };
    }),
  }));
  return { ...distribution, behaviors };
}
