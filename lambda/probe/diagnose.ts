import type { HelloOffer } from "../tls/client-hello.ts";
import { describeFailure } from "./describe-failure.ts";
import { cloudFrontHello, type Situation, steps } from "./experiments.ts";
import type { Experiment, ExperimentName, Transcript } from "./observation.ts";
import type { RawAnswer } from "./raw-hello.ts";

/** What the experiments showed, and the transcript of the one that shows that CloudFront gets through, if one does. */
export type Diagnosis = {
  readonly experiments: readonly Experiment[];
  readonly throughAsCloudFront: Transcript | null;
  /** There were experiments, and every one was left hanging. */
  readonly onlySilence: boolean;
};

/** No address gets more connections than this beyond the first. */
const mostExperiments = 12;
/** Nor are more hellos than this left hanging: each costs its whole time, and a server may do so on purpose. */
const mostSilences = 3;

/**
 * Finds out why a handshake failed, with further hellos that each differ in one thing. Steps are taken in order, each
 * only when what is known so far makes it worthwhile (`experiments.ts`).
 *
 * @param send opens a connection, sends the hello and reads the answer; it spaces the connections
 */
export async function diagnose(
  situation: Omit<Situation, "seen">,
  send: (hello: HelloOffer) => Promise<RawAnswer>,
): Promise<Diagnosis> {
  const seen = new Map<ExperimentName, Experiment>();
  let throughAsCloudFront: Transcript | null = null;
  let silences = 0;
  for (const step of steps) {
    const now: Situation = { ...situation, seen };
    if (seen.size >= mostExperiments || !step.worthwhile(now)) continue;
    const answer = await send(step.hello(now));
    seen.set(step.name, experimentFrom(step.name, answer));
    const asCloudFront = step.name === "as-cloudfront" || step.name === "sslv3-only";
    if (asCloudFront && answer.kind === "agreed") throughAsCloudFront = answer.transcript;
    if (answer.kind === "failed" && answer.failure.kind === "timed-out") silences += 1;
    if (answer.kind === "not-tried" || silences >= mostSilences) break;
  }
  const onlySilence = silences > 0 && silences === seen.size;
  return { experiments: [...seen.values()], throughAsCloudFront, onlySilence };
}

/**
 * Asks an origin that agreed to a version between the listed ones whether it agrees to a listed one too: AWS's pages
 * disagree whether OriginSslProtocols is a set or a minimum. Null where both readings are the same for this origin.
 */
export async function trySetReading(
  situation: Omit<Situation, "seen" | "failure">,
  protocol: string | null,
  send: (hello: HelloOffer) => Promise<RawAnswer>,
): Promise<Experiment | null> {
  const { versionsAsSet } = situation.offer;
  if (versionsAsSet.some((version) => version === protocol)) return null;
  return experimentFrom("listed-versions-only", await send(cloudFrontHello(situation, { versions: versionsAsSet })));
}

/** What a further connection showed, without the certificates. */
export function experimentFrom(name: ExperimentName, answer: RawAnswer): Experiment {
  if (answer.kind === "not-tried") {
    return {
      name,
      outcome: "not-tried",
      protocol: null,
      cipherSuite: null,
      group: null,
      signatureScheme: null,
      failure: null,
    };
  }
  const { protocol, cipherSuite, group, signatureScheme } = answer.transcript;
  const chosen = { name, protocol, cipherSuite, group, signatureScheme };
  return answer.kind === "agreed"
    ? { ...chosen, outcome: "agreed", failure: null }
    : { ...chosen, outcome: "failed", failure: describeFailure(answer.failure) };
}
