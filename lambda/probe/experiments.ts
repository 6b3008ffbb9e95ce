import {
  documentedSuites,
  groups,
  type Offer,
  schemes,
  tls13Suites,
  undocumentedSuites,
} from "../cloudfront/profile.ts";
import { cipherSuiteCode, cipherSuites } from "../tls/cipher-suites.ts";
import { encodeClientHello, type HelloOffer } from "../tls/client-hello.ts";
import {
  type NamedGroup,
  namedGroups,
  type ProtocolVersion,
  protocolVersions,
  type SignatureScheme,
  signatureSchemes,
} from "../tls/code-points.ts";
import type { Experiment, ExperimentName, HandshakeFailure } from "./observation.ts";

/** What an experiment is chosen by: how the handshake failed, and what the experiments before it showed. */
export type Situation = {
  readonly failure: HandshakeFailure;
  readonly offer: Offer;
  readonly serverName: string;
  readonly domain: string;
  readonly seen: ReadonlyMap<ExperimentName, Experiment>;
};

/** One step of the decision procedure: when it is worth a connection, and what it offers. */
export type Step = {
  readonly name: ExperimentName;
  readonly worthwhile: (situation: Situation) => boolean;
  readonly hello: (situation: Situation) => HelloOffer;
};

/**
 * The decision procedure, in order. Each step differs from CloudFront's hello in as little as tells one cause from
 * another: first whether CloudFront gets through after all, then the server name and the shape of the hello, then
 * which of versions, suites, groups and schemes it is that the two sides do not share.
 */
export const steps: readonly Step[] = [
  { name: "as-cloudfront", worthwhile: answersInTime, hello: (situation) => cloudFrontHello(situation) },
  {
    name: "sslv3-only",
    worthwhile: (situation) =>
      answersInTime(situation) && !agreed(situation, "as-cloudfront") && offersSslv3(situation),
    hello: (situation) => cloudFrontHello(situation, { versions: ["SSLv3"], serverName: null }),
  },
  {
    name: "without-server-name",
    worthwhile: unexplained,
    hello: (situation) => cloudFrontHello(situation, { serverName: null }),
  },
  {
    name: "origin-domain-as-server-name",
    worthwhile: (situation) => unexplained(situation) && situation.serverName !== situation.domain,
    hello: (situation) => cloudFrontHello(situation, { serverName: situation.domain }),
  },
  {
    name: "everything",
    worthwhile: (situation) => answersInTime(situation) && unexplained(situation),
    hello: (situation) => hello(situation, everything),
  },
  {
    name: "without-tls13",
    worthwhile: (situation) =>
      unexplained(situation) && !agreed(situation, "everything") && situation.offer.versions.includes("TLSv1.2"),
    hello: (situation) => cloudFrontHello(situation, { versions: withoutTls13(situation.offer) }),
  },
  {
    name: "without-tls13-as-long",
    worthwhile: (situation) => agreed(situation, "without-tls13"),
    hello: (situation) =>
      cloudFrontHello(situation, {
        versions: withoutTls13(situation.offer),
        paddedTo: encodeClientHello(cloudFrontHello(situation)).message.length,
      }),
  },
  {
    // A key that TLS 1.3 has no scheme for, such as one on secp256k1, still signs in TLS 1.2, if that is not outbid.
    name: "everything-without-tls13",
    worthwhile: (situation) =>
      failed(situation, "everything") && answersInTime(situation) && !agreed(situation, "without-tls13"),
    hello: (situation) => hello(situation, { ...everything, versions: everything.versions.filter(isBeforeTls13) }),
  },
  {
    name: "sslv3-everything",
    worthwhile: (situation) =>
      failed(situation, "everything") &&
      answersInTime(situation) &&
      basis(situation) === null &&
      !agreed(situation, "without-tls13") &&
      !agreed(situation, "sslv3-only"),
    hello: (situation) => hello(situation, { ...everything, versions: ["SSLv3"], serverName: null }),
  },
  {
    name: "post-quantum-groups",
    worthwhile: (situation) =>
      failed(situation, "everything") &&
      basis(situation) === null &&
      !agreed(situation, "without-tls13") &&
      !agreed(situation, "sslv3-everything"),
    hello: (situation) => hello(situation, { ...everything, groups: postQuantumGroups }),
  },
  // One restriction upon the other: each alone may leave a server another way out, as an anonymous suite is one for a
  // key on a curve that is not offered.
  {
    name: "cloudfront-versions",
    worthwhile: (situation) => basis(situation) !== null,
    hello: (situation) => hello(situation, inCloudFrontsVersions(situation)),
  },
  {
    name: "cloudfront-suites",
    worthwhile: (situation) => agreed(situation, "cloudfront-versions"),
    hello: (situation) => hello(situation, { ...inCloudFrontsVersions(situation), suites: cloudFrontSuites }),
  },
  {
    name: "cloudfront-groups",
    worthwhile: (situation) => agreed(situation, "cloudfront-suites"),
    hello: (situation) =>
      hello(situation, { ...inCloudFrontsVersions(situation), suites: cloudFrontSuites, groups: cloudFrontGroups }),
  },
  {
    name: "cloudfront-schemes",
    worthwhile: (situation) => agreed(situation, "cloudfront-groups"),
    hello: (situation) => cloudFrontHello(situation, { versions: inCloudFrontsVersions(situation).versions }),
  },
  {
    name: "undocumented-suites",
    worthwhile: (situation) => failed(situation, "cloudfront-suites"),
    hello: (situation) =>
      cloudFrontHello(situation, { suites: [...cloudFrontSuites, ...undocumentedSuites.map(cipherSuiteCode)] }),
  },
];

/** A server that lets hellos hang is asked only what may show why: every further one costs its whole time. */
function answersInTime({ failure }: Situation): boolean {
  return failure.kind !== "timed-out";
}

/** No step so far has been answered as CloudFront would need it. */
function unexplained(situation: Situation): boolean {
  const explaining: readonly ExperimentName[] = [
    "as-cloudfront",
    "without-server-name",
    "origin-domain-as-server-name",
  ];
  const sslv3 = offersSslv3(situation) && agreed(situation, "sslv3-only");
  return !sslv3 && !explaining.some((name) => agreed(situation, name));
}

function offersSslv3({ offer }: Situation): boolean {
  return offer.versions.includes("SSLv3");
}

function agreed({ seen }: Situation, name: ExperimentName): boolean {
  return seen.get(name)?.outcome === "agreed";
}

function failed({ seen }: Situation, name: ExperimentName): boolean {
  return seen.get(name)?.outcome === "failed";
}

type Variation = {
  readonly versions: readonly ProtocolVersion[];
  readonly suites: readonly number[];
  readonly groups: readonly NamedGroup[];
  readonly schemes: readonly SignatureScheme[];
  readonly serverName?: string | null;
  readonly paddedTo?: number;
};

const cloudFrontSuites = [...tls13Suites, ...documentedSuites.map(({ rfc }) => rfc)].map(cipherSuiteCode);
const cloudFrontGroups = groups.map(({ name }) => name);
const cloudFrontSchemes = schemes.map(({ name }) => name);

/** Groups whose keys are large and cannot be made here: a server that prefers one would ask for it first. */
const postQuantumGroups = keysOf(namedGroups).filter((name) => name.includes("MLKEM"));

const everything: Variation = {
  versions: keysOf(protocolVersions).filter((version) => version !== "SSLv3"),
  suites: [...cipherSuites.keys()],
  groups: keysOf(namedGroups).filter((name) => !name.includes("MLKEM")),
  schemes: keysOf(signatureSchemes),
};

/** CloudFront's hello, but for the changes. */
export function cloudFrontHello(
  situation: Pick<Situation, "offer" | "serverName">,
  changes: Partial<Variation> = {},
): HelloOffer {
  const { versions } = situation.offer;
  return hello(situation, {
    versions,
    suites: cloudFrontSuites,
    groups: cloudFrontGroups,
    schemes: cloudFrontSchemes,
    ...changes,
  });
}

function hello({ serverName }: Pick<Situation, "serverName">, variation: Variation): HelloOffer {
  return {
    versions: variation.versions,
    cipherSuites: variation.suites,
    groups: variation.groups,
    signatureSchemes: variation.schemes,
    serverName: variation.serverName === undefined ? serverName : variation.serverName,
    ...(variation.paddedTo === undefined ? {} : { paddedTo: variation.paddedTo }),
  };
}

/** The hello with everything in it that was answered, from which one thing after the other is taken back. */
function basis(situation: Situation): "everything" | "everything-without-tls13" | null {
  if (agreed(situation, "everything")) return "everything";
  return agreed(situation, "everything-without-tls13") ? "everything-without-tls13" : null;
}

function inCloudFrontsVersions(situation: Situation): Variation {
  const { offer } = situation;
  return { ...everything, versions: basis(situation) === "everything" ? offer.versions : withoutTls13(offer) };
}

function withoutTls13({ versions }: Offer): readonly ProtocolVersion[] {
  return versions.filter(isBeforeTls13);
}

function isBeforeTls13(version: ProtocolVersion): boolean {
  return version !== "TLSv1.3";
}

function keysOf<Name extends string>(registry: Readonly<Record<Name, number>>): Name[] {
  return Object.keys(registry).filter((key): key is Name => key in registry);
}
