import type { AddressOutcome, Experiment, ExperimentName, Transcript } from "../probe/observation.ts";

/** What the experiments after a failed handshake show to be its cause. */
export type Cause =
  | { readonly kind: "protocol"; readonly speaks: readonly string[] }
  | { readonly kind: "cipher"; readonly accepts: string | null }
  | { readonly kind: "undocumented-cipher"; readonly accepts: string | null }
  | { readonly kind: "group"; readonly accepts: string | null }
  | { readonly kind: "signature-scheme"; readonly accepts: string | null }
  | { readonly kind: "server-name"; readonly answers: "the origin domain" | "no server name" }
  /** The origin answers hellos that do not offer TLS 1.3; CloudFront's always do. */
  | { readonly kind: "tls13-hello" }
  /** The origin answers short hellos; CloudFront's are longer. */
  | { readonly kind: "long-hello" }
  /** The same handshake succeeded a moment later. */
  | { readonly kind: "passing" }
  /** A hello by itself with the same offer was answered, and a whole handshake was not seen to succeed. */
  | { readonly kind: "hello-only" };

/**
 * Reads the cause off the experiments: the one thing whose change made the origin agree, or whose restriction to what
 * CloudFront offers made it refuse. Null where they do not pin it down.
 */
export function causeOf(outcome: AddressOutcome): Cause | null {
  if (outcome.kind !== "handshake-failed") return null;
  const seen = new Map(outcome.experiments.map((experiment) => [experiment.name, experiment]));
  if (agreed(seen, "as-cloudfront")) return causeAfterAnswer(outcome.transcript, seen);
  if (agreed(seen, "origin-domain-as-server-name")) return { kind: "server-name", answers: "the origin domain" };
  if (agreed(seen, "without-server-name")) return { kind: "server-name", answers: "no server name" };
  return notShared(seen) ?? indigestible(seen);
}

/** What it is about CloudFront's hello that the origin does not take, where all that it offers is shared. */
function indigestible(seen: Seen): Cause | null {
  if (!agreed(seen, "without-tls13")) return null;
  return failed(seen, "without-tls13-as-long") ? { kind: "long-hello" } : { kind: "tls13-hello" };
}

type Seen = ReadonlyMap<ExperimentName, Experiment>;

/**
 * A hello that is answered shows nothing where the handshake had got beyond that and failed again: the fault is in what
 * a hello alone does not reach.
 */
function causeAfterAnswer(transcript: Transcript, seen: Seen): Cause | null {
  if (agreed(seen, "whole-handshake")) return { kind: "passing" };
  const gotBeyondHello = transcript.protocol !== null || (seen.get("whole-handshake")?.protocol ?? null) !== null;
  return failed(seen, "whole-handshake") && gotBeyondHello ? null : { kind: "hello-only" };
}

function notShared(seen: Seen): Cause | null {
  const everything = [seen.get("everything"), seen.get("everything-without-tls13")].find(
    (experiment) => experiment?.outcome === "agreed",
  );
  if (everything === undefined) {
    const sslv3 = seen.get("sslv3-everything");
    if (sslv3?.outcome === "agreed") {
      // Where CloudFront offers SSLv3, its own hello of that version was refused: what is not shared is the suite.
      return failed(seen, "sslv3-only")
        ? { kind: "cipher", accepts: sslv3.cipherSuite }
        : { kind: "protocol", speaks: ["SSLv3"] };
    }
    const postQuantum = seen.get("post-quantum-groups");
    return postQuantum?.outcome === "agreed" ? { kind: "group", accepts: postQuantum.group } : null;
  }
  if (failed(seen, "cloudfront-versions")) {
    return { kind: "protocol", speaks: everything.protocol === null ? [] : [everything.protocol] };
  }
  const chosen = seen.get("cloudfront-versions");
  if (failed(seen, "cloudfront-suites")) {
    return agreed(seen, "undocumented-suites")
      ? { kind: "undocumented-cipher", accepts: seen.get("undocumented-suites")?.cipherSuite ?? null }
      : { kind: "cipher", accepts: chosen?.cipherSuite ?? null };
  }
  if (failed(seen, "cloudfront-groups"))
    return { kind: "group", accepts: seen.get("cloudfront-suites")?.group ?? null };
  if (failed(seen, "cloudfront-schemes"))
    return {
      kind: "signature-scheme",
      accepts: seen.get("cloudfront-groups")?.signatureScheme ?? null,
    };
  return null;
}

/** Whether a cause adds to the explanation of a failure and does not name it. */
export function leavesOpen({ kind }: Cause): boolean {
  return kind === "tls13-hello" || kind === "long-hello" || kind === "passing" || kind === "hello-only";
}

/** What a cause that leaves the code open adds to an explanation; begins with a space, or is empty. */
export function remarkOn(cause: Cause | null): string {
  if (cause?.kind === "tls13-hello") {
    return " The origin answered a ClientHello without TLS 1.3. CloudFront always offers TLS 1.3.";
  }
  if (cause?.kind === "long-hello") {
    return " The origin answered a short ClientHello without TLS 1.3, and not the same one filled up to the length of CloudFront's. So the origin, or a device before it, does not accept ClientHellos of that length.";
  }
  if (cause?.kind === "passing") return " The same handshake succeeded a moment later, so it fails only at times.";
  if (cause?.kind === "hello-only") {
    return " A ClientHello by itself with the same offer was answered, but the whole handshake was not seen to succeed. CloudFront may get either result.";
  }
  return "";
}

/** The experiments in short sentences, for evidence. */
export function experimentsShown(outcome: AddressOutcome): readonly string[] {
  if (outcome.kind !== "handshake-failed" && outcome.kind !== "hello-agreed") return [];
  return outcome.experiments.map((experiment) => {
    const { name, protocol, cipherSuite, failure } = experiment;
    const result = failure ?? (experiment.outcome === "agreed" ? `agreed on ${protocol} ${cipherSuite}` : "not tried");
    return name === "whole-handshake" ? `the handshake again: ${result}` : `ClientHello ${name}: ${result}`;
  });
}

function agreed(seen: Seen, name: ExperimentName): boolean {
  return seen.get(name)?.outcome === "agreed";
}

function failed(seen: Seen, name: ExperimentName): boolean {
  return seen.get(name)?.outcome === "failed";
}
