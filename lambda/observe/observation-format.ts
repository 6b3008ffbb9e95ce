import { isIP } from "node:net";
import * as v from "valibot";
import type {
  AddressOutcome,
  DnsOutcome,
  Experiment,
  ExperimentName,
  HandshakeFailure,
  NotTried,
  Observation,
  OpensslVerdict,
  Transcript,
} from "../probe/observation.ts";
import { printable } from "../text/printable.ts";

/**
 * The form of an observation that another process made, of a Region or an account that somebody else may have a hand in:
 * every list and text has a bound, what nobody knows is refused, and texts are safe to show. Certificates stand in it as
 * numbers of a list, each of them once for many observations.
 */

/** Addresses of one name that are tried are fewer; DNS may name more. */
const mostAddresses = 100;
const mostCertificates = 200;
/** More numbers than a list can have. */
const certificateNumber = v.pipe(v.string(), v.regex(/^\d{1,6}$/));

const short = v.pipe(
  v.string(),
  v.maxLength(1_000),
  v.transform((text) => printable(text, 1_000)),
);
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const address = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0),
);
const recordType = v.picklist(["A", "AAAA"]);
const addresses = v.pipe(v.array(address), v.maxLength(mostAddresses));

const notTried: v.GenericSchema<unknown, NotTried> = v.union([v.literal("deadline"), v.strictObject({ bug: short })]);

const dns: v.GenericSchema<unknown, DnsOutcome> = v.variant("kind", [
  v.strictObject({
    kind: v.literal("answered"),
    addresses,
    failed: v.exactOptional(v.pipe(v.array(v.strictObject({ recordType, error: short })), v.maxLength(2))),
  }),
  v.strictObject({ kind: v.literal("given"), addresses }),
  v.strictObject({ kind: v.literal("name-not-found"), target: v.exactOptional(short) }),
  v.strictObject({ kind: v.literal("no-address"), recordTypes: v.pipe(v.array(recordType), v.maxLength(2)) }),
  v.strictObject({ kind: v.literal("lookup-failed"), error: short }),
  v.strictObject({ kind: v.literal("not-tried"), reason: notTried }),
]);

const alert = v.strictObject({ level: v.picklist(["warning", "fatal"]), code: whole, description: short });

const transcript: v.GenericSchema<unknown, Transcript> = v.strictObject({
  bytesReceived: whole,
  protocol: v.nullable(short),
  cipherSuite: v.nullable(short),
  group: v.nullable(short),
  signatureScheme: v.nullable(short),
  certificates: v.pipe(v.array(certificateNumber), v.maxLength(mostCertificates)),
  clientCertificateRequested: v.boolean(),
  warnings: v.pipe(v.array(alert), v.maxLength(100)),
  unreadable: v.nullable(short),
});

const openssl: v.GenericSchema<unknown, OpensslVerdict> = v.variant("ok", [
  v.strictObject({ ok: v.literal(true) }),
  v.strictObject({ ok: v.literal(false), code: short }),
]);

/** Each of the names, which the compiler compares with the type. */
const experimentNames: Readonly<Record<ExperimentName, true>> = {
  "as-cloudfront": true,
  "whole-handshake": true,
  "sslv3-only": true,
  "sslv3-everything": true,
  "without-server-name": true,
  "origin-domain-as-server-name": true,
  "without-tls13": true,
  "without-tls13-as-long": true,
  everything: true,
  "everything-without-tls13": true,
  "post-quantum-groups": true,
  "cloudfront-versions": true,
  "cloudfront-suites": true,
  "cloudfront-groups": true,
  "cloudfront-schemes": true,
  "undocumented-suites": true,
  "listed-versions-only": true,
};

const experiment: v.GenericSchema<unknown, Experiment> = v.strictObject({
  name: v.custom<ExperimentName>((name) => typeof name === "string" && Object.hasOwn(experimentNames, name)),
  outcome: v.picklist(["agreed", "failed", "not-tried"]),
  protocol: v.nullable(short),
  cipherSuite: v.nullable(short),
  group: v.nullable(short),
  signatureScheme: v.nullable(short),
  failure: v.nullable(short),
});
const experiments = v.pipe(v.array(experiment), v.maxLength(100));
const listedVersionsOnly = v.nullable(experiment);

const failure: v.GenericSchema<unknown, HandshakeFailure> = v.variant("kind", [
  v.strictObject({ kind: v.literal("alert"), alert }),
  v.strictObject({ kind: v.picklist(["closed", "reset"]) }),
  v.strictObject({ kind: v.literal("timed-out"), timeoutMs: whole }),
  v.strictObject({ kind: v.literal("not-tls"), preview: short }),
  v.strictObject({ kind: v.literal("protocol-violation"), detail: short }),
  v.strictObject({ kind: v.literal("too-much-data"), limitBytes: whole }),
]);

const outcome: v.GenericSchema<unknown, AddressOutcome> = v.variant("kind", [
  v.strictObject({ kind: v.literal("not-dialled"), range: short }),
  v.strictObject({ kind: v.literal("not-tried"), reason: notTried }),
  v.strictObject({ kind: v.literal("connect-refused"), attempts: whole }),
  v.strictObject({
    kind: v.literal("connect-timed-out"),
    attempts: whole,
    timeoutMs: whole,
    acceptedOn: v.exactOptional(whole),
  }),
  v.strictObject({ kind: v.literal("connect-unreachable"), errno: short }),
  v.strictObject({ kind: v.literal("connected") }),
  v.strictObject({ kind: v.literal("handshake-failed"), failure, transcript, experiments }),
  v.strictObject({ kind: v.literal("hello-agreed"), transcript, experiments, listedVersionsOnly }),
  v.strictObject({
    kind: v.literal("handshake-completed"),
    transcript,
    openssl,
    alpn: v.nullable(short),
    otherCertificates: v.exactOptional(v.strictObject({ transcript, openssl })),
    forAlias: v.exactOptional(v.strictObject({ serverName: short, transcript, openssl })),
    listedVersionsOnly,
  }),
]);

/** What was seen of one connection, with numbers in the place of certificates. */
export const observationSchema: v.GenericSchema<unknown, Observation> = v.strictObject({
  dns,
  addresses: v.pipe(v.array(v.strictObject({ address, outcome, ms: whole })), v.maxLength(mostAddresses)),
  addressesLeftOut: whole,
});

/** The observation with every certificate in it replaced, in the order in which they stand. */
export function withCertificates(observation: Observation, replace: (certificate: string) => string): Observation {
  const inTranscript = (seen: Transcript): Transcript => ({ ...seen, certificates: seen.certificates.map(replace) });
  return {
    ...observation,
    addresses: observation.addresses.map((seen) => ({ ...seen, outcome: inOutcome(seen.outcome, inTranscript) })),
  };
}

function inOutcome(seen: AddressOutcome, inTranscript: (transcript: Transcript) => Transcript): AddressOutcome {
  switch (seen.kind) {
    case "not-dialled":
    case "not-tried":
    case "connect-refused":
    case "connect-timed-out":
    case "connect-unreachable":
    case "connected":
      return seen;
    case "handshake-failed":
    case "hello-agreed":
      return { ...seen, transcript: inTranscript(seen.transcript) };
    case "handshake-completed": {
      const { otherCertificates: other, forAlias } = seen;
      return {
        ...seen,
        transcript: inTranscript(seen.transcript),
        ...(other === undefined ? {} : { otherCertificates: { ...other, transcript: inTranscript(other.transcript) } }),
        ...(forAlias === undefined ? {} : { forAlias: { ...forAlias, transcript: inTranscript(forAlias.transcript) } }),
      };
    }
  }
}
