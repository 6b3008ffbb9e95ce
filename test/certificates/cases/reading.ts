import { type CertificateCase, changed, type Ground } from "../case.ts";
import { bits, boolean, der, explicit, implicit, integer, nothing, octets, oid, sequence, set, text } from "../der.ts";
import {
  attribute,
  basicConstraints,
  commonName,
  type ExtensionName,
  extendedKeyUsage,
  extension,
  extensionIds,
  generalName,
  keysFor,
  keyUsage,
  purposes,
  rawTime,
  rsa,
  spkiOf,
  stringTags,
} from "../forge.ts";
import { authority, type Changes, type Extensions, leaf, namesKeyOf, serverName } from "../pki.ts";

/** Certificates whose encoding, or a part of it, is not what a reader may expect. */
export function reading(ground: Ground): readonly CertificateCase[] {
  return [
    ...extensionValues(ground),
    ...trailingBytes(ground),
    ...critical(ground),
    ...extensionFrames(ground),
    ...fields(ground),
    ...bytes(ground),
  ];
}

/** Both places where a certificate is read. */
function both(ground: Ground, id: string, changes: Changes): CertificateCase[] {
  return [
    changed(ground, `${id}, in the leaf`, { ofLeaf: changes }),
    changed(ground, `${id}, in the intermediate`, { ofIssuing: changes }),
  ];
}

/** Values that are no value of any of these extensions, and some that are. */
const values: Readonly<Record<string, Buffer>> = {
  "text that is no DER": Buffer.from("hello"),
  empty: Buffer.alloc(0),
  "an empty sequence": sequence(),
  "a number": integer(5),
  "a sequence and more behind it": Buffer.concat([sequence(), Buffer.from([1, 2, 3])]),
  "an indefinite length": Buffer.from("30800101ff0000", "hex"),
};

function extensionValues(ground: Ground): CertificateCase[] {
  const names = Object.keys(extensionIds).filter((name): name is ExtensionName => name in extensionIds);
  return names.flatMap((name) =>
    Object.entries(values).flatMap(([what, value]) =>
      [false, true].flatMap((critical) =>
        both(ground, `extension: ${name}${critical ? ", critical," : ""} is ${what}`, {
          extensions: { [name]: value },
          critical: { [name]: critical },
        }),
      ),
    ),
  );
}

/** What the extension should be, and three bytes behind it. */
function trailingBytes(ground: Ground): CertificateCase[] {
  const behind = (value: Buffer) => Buffer.concat([value, Buffer.from([1, 2, 3])]);
  const ofLeaf: Extensions = {
    keyUsage: keyUsage("digitalSignature"),
    extendedKeyUsage: extendedKeyUsage(purposes.serverAuth),
    subjectKeyIdentifier: octets(Buffer.alloc(20, 1)),
    authorityKeyIdentifier: namesKeyOf(ground.issuing),
    subjectAltName: sequence(generalName.dns(serverName)),
    netscapeCertType: bits(Buffer.from([0x40]), 6),
    certificatePolicies: sequence(sequence(oid("1.2.3"))),
    crlDistributionPoints: distributionPoint,
  };
  const ofIssuing: Extensions = {
    basicConstraints: basicConstraints(true),
    keyUsage: keyUsage("keyCertSign"),
    authorityKeyIdentifier: namesKeyOf(ground.root),
    nameConstraints: sequence(explicit(0, sequence(generalName.dns("example.com")))),
    netscapeCertType: bits(Buffer.from([0x04]), 2),
  };
  const each = (extensions: Extensions, place: "ofLeaf" | "ofIssuing") =>
    Object.entries(extensions).flatMap(([name, value]) =>
      value === null
        ? []
        : [
            changed(
              ground,
              `extension: ${name} as it should be, ${place === "ofLeaf" ? "in the leaf" : "in the intermediate"}`,
              {
                [place]: { extensions: { [name]: value } },
              },
            ),
            changed(
              ground,
              `extension: ${name} with bytes behind it, ${place === "ofLeaf" ? "in the leaf" : "in the intermediate"}`,
              {
                [place]: { extensions: { [name]: behind(value) } },
              },
            ),
          ],
    );
  return [...each(ofLeaf, "ofLeaf"), ...each(ofIssuing, "ofIssuing")];
}

const distributionPoint = sequence(sequence(explicit(0, explicit(0, generalName.uri("http://crl.example.com/a.crl")))));

/** Extensions that may be critical for one library or both. */
function critical(ground: Ground): CertificateCase[] {
  const known: readonly (readonly [string, string, Buffer])[] = [
    ["address blocks", extensionIds.ipAddressBlocks, sequence(sequence(octets(Buffer.from([0, 1])), nothing))],
    ["autonomous systems", "1.3.6.1.5.5.7.1.8", sequence(explicit(0, nothing))],
    ["OCSP nocheck", "1.3.6.1.5.5.7.48.1.5", nothing],
    ["proxy certificate", "1.3.6.1.5.5.7.1.14", sequence(sequence(oid("1.3.6.1.5.5.7.21.1")))],
    ["certificate policies", extensionIds.certificatePolicies, sequence(sequence(oid("1.2.3")))],
    ["private key usage period", "2.5.29.16", sequence(implicit(0, Buffer.from("20250101000000Z")))],
    ["certificate transparency poison", "1.3.6.1.4.1.11129.2.4.3", nothing],
    ["distribution points", extensionIds.crlDistributionPoints, distributionPoint],
  ];
  return known.flatMap(([what, id, value]) =>
    [true, false].flatMap((isCritical) =>
      both(ground, `critical: ${what}${isCritical ? "" : ", not critical"}`, {
        more: [extension(id, value, isCritical)],
      }),
    ),
  );
}

function extensionFrames(ground: Ground): CertificateCase[] {
  const unknown = (value: Buffer, critical?: boolean) => extension(extensionIds.unknown, value, critical);
  const san = extension(extensionIds.subjectAltName, sequence(generalName.dns(serverName)));
  const many = Array.from({ length: 300 }, (_, index) => extension(`1.2.3.5.${index}`, octets()));
  const criticalFalse = sequence(oid(extensionIds.unknown), boolean(false), octets(integer(1)));
  const criticalOdd = sequence(oid(extensionIds.unknown), der(0x01, Buffer.from([1])), octets(integer(1)));
  const withoutValue = sequence(oid(extensionIds.unknown));
  const fourParts = sequence(oid(extensionIds.unknown), boolean(true), octets(integer(1)), integer(1));
  const noIdentifier = sequence(integer(1), octets(integer(1)));
  const twice = (name: ExtensionName, value: Buffer): CertificateCase[] =>
    both(ground, `extension: ${name} twice`, {
      extensions: { [name]: value },
      more: [extension(extensionIds[name], value)],
    });
  return [
    ...both(ground, "extension: unknown, well-formed", { more: [unknown(integer(1))] }),
    ...both(ground, "extension: unknown and critical", { more: [unknown(nothing, true)] }),
    ...both(ground, "extension: 300 unknown ones", { more: many }),
    ...both(ground, "extension: critical is written out as false", { more: [criticalFalse] }),
    ...both(ground, "extension: critical is a boolean of 1", { more: [criticalOdd] }),
    ...both(ground, "extension: no value", { more: [withoutValue] }),
    ...both(ground, "extension: four parts", { more: [fourParts] }),
    ...both(ground, "extension: no identifier", { more: [noIdentifier] }),
    ...both(ground, "extension: a number among them", { more: [integer(1)] }),
    ...both(ground, "extension: unknown twice", { more: [unknown(integer(1)), unknown(integer(1))] }),
    ...twice("subjectAltName", sequence(generalName.dns(serverName))),
    ...twice("basicConstraints", basicConstraints(false)),
    ...twice("keyUsage", keyUsage("digitalSignature")),
    ...twice("extendedKeyUsage", extendedKeyUsage(purposes.serverAuth)),
    ...twice("subjectKeyIdentifier", octets(Buffer.alloc(20))),
    changed(ground, "extension: two subjectAltNames, the second for the name", {
      ofLeaf: { extensions: { subjectAltName: sequence(generalName.dns("other.example.com")) }, more: [san] },
    }),
    ...both(ground, "extension: none at all, version 3", { bare: true }),
    ...both(ground, "extension: an empty list", { bare: true, afterExtensions: [explicit(3, sequence())] }),
    ...both(ground, "extension: the field is a number", { bare: true, afterExtensions: [explicit(3, integer(3))] }),
    ...both(ground, "extension: the field is empty", { bare: true, afterExtensions: [explicit(3)] }),
    ...both(ground, "extension: two fields of them", { afterExtensions: [explicit(3, sequence())] }),
  ];
}

function fields(ground: Ground): CertificateCase[] {
  const key = keysFor("leaf");
  const p256Point = spkiOf(key).subarray(-65);
  const compressed = Buffer.concat([Buffer.from([2 + ((p256Point[64] ?? 0) & 1)]), p256Point.subarray(1, 33)]);
  const ecKey = (point: Buffer, curve: Buffer) => sequence(sequence(oid("1.2.840.10045.2.1"), curve), bits(point));
  const p256Curve = oid("1.2.840.10045.3.1.7");
  const rsaKey = keysFor("rsa 2048", rsa(2_048));
  const identifiers = [implicit(1, Buffer.from([0, 1]))];
  const cases: readonly (readonly [string, Changes])[] = [
    ["serial 0", { serial: integer(0) }],
    ["serial negative", { serial: integer(-5) }],
    ["serial of 20 octets", { serial: der(0x02, Buffer.alloc(20, 0x11)) }],
    ["serial of 21 octets", { serial: der(0x02, Buffer.alloc(21, 0x11)) }],
    ["serial of 100 octets", { serial: der(0x02, Buffer.alloc(100, 0x11)) }],
    ["serial with a needless zero", { serial: der(0x02, Buffer.from([0, 0, 5])) }],
    ["serial of no octets", { serial: der(0x02) }],
    ["serial is a text", { serial: text(0x0c, "one") }],
    ["version 1 with extensions", { version: null }],
    ["version 1 written out", { version: explicit(0, integer(0)) }],
    ["version 2", { version: explicit(0, integer(1)) }],
    ["version 2 without extensions", { version: explicit(0, integer(1)), bare: true }],
    [
      "version 2 with unique identifiers",
      { version: explicit(0, integer(1)), bare: true, beforeExtensions: identifiers },
    ],
    ["version 1 with unique identifiers", { version: null, bare: true, beforeExtensions: identifiers }],
    ["version 3 with unique identifiers", { beforeExtensions: identifiers }],
    ["version of two bytes", { version: explicit(0, der(0x02, Buffer.from([0, 2]))) }],
    ["version 4", { version: explicit(0, integer(3)) }],
    ["version -1", { version: explicit(0, integer(-1)) }],
    ["version 1, no extensions", { version: null, bare: true }],
    ["unique identifiers", { beforeExtensions: [implicit(1, Buffer.from([0, 1])), implicit(2, Buffer.from([0, 2]))] }],
    ["a number before the extensions", { beforeExtensions: [integer(1)] }],
    ["something behind the extensions", { afterExtensions: [integer(1)] }],
    ["empty issuer", { issuer: sequence() }],
    ["issuer is a number", { issuer: integer(1) }],
    ["empty subject", { subject: sequence() }],
    ["subject is a number", { subject: integer(1) }],
    ["subject with an empty part", { subject: sequence(set(), commonName(serverName)) }],
    [
      "subject of 60 parts",
      {
        subject: sequence(
          ...Array.from({ length: 60 }, (_, index) => attribute("2.5.4.11", text(0x0c, `unit ${index}`))),
        ),
      },
    ],
    [
      "subject of 2,000 parts",
      {
        subject: sequence(
          ...Array.from({ length: 2_000 }, (_, index) => attribute("2.5.4.11", text(0x0c, `unit ${index}`))),
        ),
      },
    ],
    [
      "subject in invalid UTF-8",
      { subject: sequence(attribute("2.5.4.3", der(stringTags.utf8, Buffer.from([0xff, 0xfe, 0x41])))) },
    ],
    [
      "subject in a BMPString of odd length",
      { subject: sequence(attribute("2.5.4.3", der(stringTags.bmp, Buffer.from("abc")))) },
    ],
    [
      "subject in a UniversalString of 3 bytes",
      { subject: sequence(attribute("2.5.4.3", der(stringTags.universal, Buffer.from("abc")))) },
    ],
    ["subject is a bit string", { subject: sequence(attribute("2.5.4.3", bits(Buffer.from("abc")))) }],
    ["subject with a part that has no value", { subject: sequence(set(sequence(oid("2.5.4.3")))) }],
    [
      "subject with two attributes in one part",
      {
        subject: sequence(set(sequence(oid("2.5.4.10"), text(0x0c, "A")), sequence(oid("2.5.4.11"), text(0x0c, "B")))),
      },
    ],
    ["UTCTime without seconds", { notBefore: rawTime.utc("2501010000Z") }],
    ["UTCTime with an offset", { notBefore: rawTime.utc("250101000000+0100") }],
    ["UTCTime in lower case", { notBefore: rawTime.utc("250101000000z") }],
    ["UTCTime without a zone", { notBefore: rawTime.utc("250101000000") }],
    ["UTCTime of a 30th of February", { notBefore: rawTime.utc("250230000000Z") }],
    ["UTCTime of a 13th month", { notBefore: rawTime.utc("251301000000Z") }],
    ["UTCTime at 24 hours", { notBefore: rawTime.utc("250101240000Z") }],
    ["UTCTime at 60 seconds", { notBefore: rawTime.utc("250101000060Z") }],
    ["UTCTime that is a text", { notBefore: rawTime.utc("yesterday") }],
    ["UTCTime empty", { notBefore: rawTime.utc("") }],
    ["UTCTime before 2000", { notBefore: rawTime.utc("990101000000Z") }],
    ["GeneralizedTime before 2050", { notBefore: rawTime.generalized("20250101000000Z") }],
    ["GeneralizedTime with fractions", { notBefore: rawTime.generalized("20250101000000.5Z") }],
    ["GeneralizedTime with an offset", { notBefore: rawTime.generalized("20250101000000+0100") }],
    ["GeneralizedTime of year 0000", { notBefore: rawTime.generalized("00000101000000Z") }],
    ["notAfter in the year 9999", { notAfter: rawTime.generalized("99991231235959Z") }],
    ["notAfter that is a text", { notAfter: rawTime.utc("tomorrow") }],
    ["notAfter without seconds, in the future", { notAfter: rawTime.utc("4001010000Z") }],
    ["notBefore is a number", { notBefore: integer(1) }],
    ["notBefore after notAfter", { from: 20, until: -20 }],
  ];
  const keyCases: readonly (readonly [string, Changes])[] = [
    ["compressed point", { spki: ecKey(compressed, p256Curve) }],
    [
      "point that is not on the curve",
      { spki: ecKey(Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 3)]), p256Curve) },
    ],
    ["point cut short", { spki: ecKey(p256Point.subarray(0, 40), p256Curve) }],
    ["unknown curve", { spki: ecKey(p256Point, oid("1.2.3.4")) }],
    ["no curve", { spki: ecKey(p256Point, nothing) }],
    ["unknown algorithm", { spki: sequence(sequence(oid("1.2.3.4")), bits(p256Point)) }],
    ["a number in its place", { spki: integer(1) }],
    [
      "RSA algorithm without NULL",
      { keys: rsaKey, spki: sequence(sequence(oid("1.2.840.113549.1.1.1")), spkiOf(rsaKey).subarray(24 - 5)) },
    ],
    [
      "RSA algorithm, garbage inside",
      { keys: rsaKey, spki: sequence(sequence(oid("1.2.840.113549.1.1.1"), nothing), bits(Buffer.from("garbage"))) },
    ],
  ];
  return [
    ...cases.flatMap(([id, changes]) => both(ground, `field: ${id}`, changes)),
    ...keyCases.flatMap(([id, changes]) => [changed(ground, `key: ${id}, in the leaf`, { ofLeaf: changes })]),
    changed(ground, "key: point that is not on the curve, in the intermediate", {
      ofIssuing: { spki: ecKey(Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 3)]), p256Curve) },
    }),
    changed(ground, "key: compressed point, in the intermediate", {
      ofIssuing: {
        spki: ecKey(
          Buffer.concat([
            Buffer.from([2 + ((spkiOf(ground.issuing.keys).at(-1) ?? 0) & 1)]),
            spkiOf(ground.issuing.keys).subarray(-64, -32),
          ]),
          p256Curve,
        ),
      },
    }),
    changed(ground, "field: empty subject, critical subjectAltName, in the leaf", {
      ofLeaf: { subject: sequence(), critical: { subjectAltName: true } },
    }),
  ];
}

/** No certificate at all, or one with something around it. */
function bytes({ root, issuing, foreign }: Ground): CertificateCase[] {
  const { der: good, keys } = leaf(issuing);
  const flawed = authority("Flawed", foreign, { extensions: { basicConstraints: Buffer.from("hello") } });
  const flawedTwin = authority("Issuing", root, { extensions: { basicConstraints: Buffer.from("hello") } });
  const longForm = Buffer.concat([
    Buffer.from([0x30, 0x84, 0, 0, (good.length - 4) >> 8, (good.length - 4) & 0xff]),
    good.subarray(4),
  ]);
  const indefinite = Buffer.concat([Buffer.from([0x30, 0x80]), good.subarray(4), Buffer.from([0, 0])]);
  const pem = Buffer.from(`-----BEGIN CERTIFICATE-----\n${good.toString("base64")}\n-----END CERTIFICATE-----\n`);
  const inLeaf = (id: string, der: Buffer): CertificateCase => ({
    id: `bytes: ${id}, for the leaf`,
    sent: [der, issuing.der],
    keys,
    anchors: [root.der],
  });
  const beside = (id: string, der: Buffer): CertificateCase[] => [
    { id: `bytes: ${id}, behind the chain`, sent: [good, issuing.der, der], keys, anchors: [root.der] },
    { id: `bytes: ${id}, for the intermediate`, sent: [good, der], keys, anchors: [root.der] },
  ];
  const garbage: readonly (readonly [string, Buffer])[] = [
    ["one byte", Buffer.from([0x30])],
    ["a text", Buffer.from("this is no certificate")],
    ["zeros", Buffer.alloc(300)],
    ["an empty sequence", sequence()],
    ["a sequence of empty sequences", sequence(sequence(), sequence(), bits(Buffer.alloc(0)))],
    ["deeply nested sequences", Array.from({ length: 2_000 }).reduce<Buffer>((inner) => sequence(inner), sequence())],
    ["PEM in place of DER", pem],
  ];
  const broken: readonly (readonly [string, Buffer])[] = [
    ["cut short", good.subarray(0, good.length - 20)],
    ["three bytes behind it", Buffer.concat([good, Buffer.from([1, 2, 3])])],
    ["a length in more bytes than needed", longForm],
    ["an indefinite length", indefinite],
    ["a fourth part", sequence(Buffer.concat([good.subarray(4), integer(1)]))],
  ];
  return [
    ...garbage.flatMap(([id, der]) => [inLeaf(id, der), ...beside(id, der)]),
    ...broken.map(([id, der]) => inLeaf(id, der)),
    {
      id: "beside: an unrelated certificate with a flaw",
      sent: [good, issuing.der, flawed.der],
      keys,
      anchors: [root.der],
    },
    {
      id: "beside: the intermediate once more, flawed, last",
      sent: [good, issuing.der, flawedTwin.der],
      keys,
      anchors: [root.der],
    },
    {
      id: "beside: the intermediate once more, flawed, first",
      sent: [good, flawedTwin.der, issuing.der],
      keys,
      anchors: [root.der],
    },
    { id: "bytes: no certificates", sent: [], keys, anchors: [root.der] },
    {
      id: "bytes: an empty entry behind the chain",
      sent: [good, issuing.der, Buffer.alloc(0)],
      keys,
      anchors: [root.der],
    },
    { id: "bytes: the leaf as an empty entry", sent: [Buffer.alloc(0), issuing.der], keys, anchors: [root.der] },
  ];
}
