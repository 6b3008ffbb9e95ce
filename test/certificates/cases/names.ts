import { type CertificateCase, changed, type Ground } from "../case.ts";
import { der, sequence, set, text } from "../der.ts";
import { attribute, commonName, generalName, named, stringTags } from "../forge.ts";
import { authority, leaf, serverName } from "../pki.ts";

/** Whom a certificate is for; every case is asked for api.example.com. */
export function names(ground: Ground): readonly CertificateCase[] {
  return [
    ...alternativeNames(ground),
    ...commonNames(ground),
    ...otherKinds(ground),
    ...wildcards(ground),
    ...issuerNames(ground),
  ];
}

const { dns, ip, uri, email, directory, other, registeredId } = generalName;

function alternativeNames(ground: Ground): CertificateCase[] {
  const filler = (count: number) => Array.from({ length: count }, (_, index) => dns(`n${index}.example.org`));
  const lists: readonly (readonly [string, readonly Buffer[]])[] = [
    ["the name", [dns(serverName)]],
    ["the name in capitals", [dns("API.EXAMPLE.COM")]],
    ["the name with a trailing dot", [dns(`${serverName}.`)]],
    ["the name with a leading dot", [dns(`.${serverName}`)]],
    ["the domain with a leading dot", [dns(".example.com")]],
    ["the name with two dots", [dns("api..example.com")]],
    ["the name with a space before it", [dns(` ${serverName}`)]],
    ["the name with a space behind it", [dns(`${serverName} `)]],
    ["the name with a port", [dns(`${serverName}:443`)]],
    ["the name as a URL", [dns(`https://${serverName}/`)]],
    ["the name with a zero byte behind it", [dns(`${serverName}\0`)]],
    ["the name, a zero byte and another domain", [dns(`${serverName}\0.example.org`)]],
    ["the name with a line break", [dns(`${serverName}\n`)]],
    ["a name beyond ASCII", [dns("\xe4pi.example.com")]],
    ["a name beyond ASCII, and the name", [dns("\xe4pi.example.com"), dns(serverName)]],
    ["an empty name", [dns("")]],
    ["an empty name, and the name", [dns(""), dns(serverName)]],
    ["a name with an underscore, and the name", [dns("a_b.example.com"), dns(serverName)]],
    ["a name with two dots, and the name", [dns("a..example.com"), dns(serverName)]],
    ["a name of 300 bytes, and the name", [dns(`${"a".repeat(296)}.com`), dns(serverName)]],
    ["another name", [dns("www.example.com")]],
    ["a wildcard", [dns("*.example.com")]],
    ["a wildcard in capitals", [dns("*.EXAMPLE.com")]],
    ["a wildcard with a trailing dot", [dns("*.example.com.")]],
    ["a wildcard one level too high", [dns("*.com")]],
    ["a wildcard one level too low", [dns("*.api.example.com")]],
    ["a wildcard alone", [dns("*")]],
    ["two wildcards", [dns("*.*.com")]],
    ["a wildcard in the middle", [dns("api.*.com")]],
    ["a wildcard at the end", [dns("api.example.*")]],
    ["a part of a label and a wildcard", [dns("a*.example.com")]],
    ["a wildcard and a part of a label", [dns("*i.example.com")]],
    ["a wildcard inside a label", [dns("a*i.example.com")]],
    ["two wildcards in one label", [dns("**.example.com")]],
    ["a wildcard without a dot", [dns("*example.com")]],
    ["the domain", [dns("example.com")]],
    ["a name below", [dns("x.api.example.com")]],
    ["the name as the 61st", [...filler(60), dns(serverName)]],
    ["the name as the 2,001st", [...filler(2_000), dns(serverName)]],
    ["2,000 others", filler(2_000)],
    ["the name, and malformed others", [dns(serverName), der(0x82, Buffer.from([0xff, 0xfe]))]],
    ["the name, and a number among them", [dns(serverName), der(0x02, Buffer.from([5]))]],
    ["the name, and an unknown kind", [dns(serverName), der(0x8f, Buffer.from([5]))]],
    ["the name, and an address of 5 bytes", [dns(serverName), ip(1, 2, 3, 4, 5)]],
    ["the name in a constructed element", [der(0xa2, text(stringTags.ia5, serverName))]],
  ];
  return lists.map(([id, list]) =>
    changed(ground, `alternative name: ${id}`, {
      ofLeaf: { subject: named("Somebody"), extensions: { subjectAltName: sequence(...list) } },
    }),
  );
}

/** Without a subjectAltName. */
function commonNames(ground: Ground): CertificateCase[] {
  const subjects: readonly (readonly [string, readonly Buffer[]])[] = [
    ["the name", [commonName(serverName)]],
    ["the name in a PrintableString", [commonName(serverName, stringTags.printable)]],
    ["the name in an IA5String", [commonName(serverName, stringTags.ia5)]],
    ["the name in a TeletexString", [commonName(serverName, stringTags.t61)]],
    [
      "the name in a BMPString",
      [attribute("2.5.4.3", der(stringTags.bmp, Buffer.from(serverName, "utf16le").swap16()))],
    ],
    ["the name in a UniversalString", [attribute("2.5.4.3", der(stringTags.universal, utf32(serverName)))]],
    ["the name in capitals", [commonName("API.EXAMPLE.COM")]],
    ["a wildcard", [commonName("*.example.com")]],
    ["a wildcard one level too high", [commonName("*.com")]],
    ["the name with a trailing dot", [commonName(`${serverName}.`)]],
    ["the name with a space behind it", [commonName(`${serverName} `)]],
    ["the name with a zero byte behind it", [commonName(`${serverName}\0`)]],
    ["the name, a zero byte and another domain", [commonName(`${serverName}\0.example.org`)]],
    ["another name", [commonName("www.example.com")]],
    ["another name, then the name", [commonName("www.example.com"), commonName(serverName)]],
    ["the name, then another", [commonName(serverName), commonName("www.example.com")]],
    ["the name, then 60 others of another kind", [commonName(serverName), ...units(60)]],
    ["60 others of another kind, then the name", [...units(60), commonName(serverName)]],
    ["none", [attribute("2.5.4.10", text(stringTags.utf8, "Example"))]],
    ["the name as an organization", [attribute("2.5.4.10", text(stringTags.utf8, serverName))]],
    ["the name as a mail address", [attribute("1.2.840.113549.1.9.1", text(stringTags.ia5, serverName))]],
    ["no subject at all", []],
    [
      "invalid UTF-8 before the name",
      [attribute("2.5.4.10", der(stringTags.utf8, Buffer.from([0xff]))), commonName(serverName)],
    ],
  ];
  return subjects.flatMap(([id, parts]) => [
    changed(ground, `common name without alternative names: ${id}`, {
      ofLeaf: { subject: sequence(...parts), extensions: { subjectAltName: null } },
    }),
  ]);
}

/** A subjectAltName that has no dNSName, and a common name that is the name. */
function otherKinds(ground: Ground): CertificateCase[] {
  const lists: readonly (readonly [string, readonly Buffer[]])[] = [
    ["an address", [ip(192, 0, 2, 1)]],
    ["an IPv6 address", [ip(...Buffer.alloc(16, 1))]],
    ["a URI", [uri(`https://${serverName}/`)]],
    ["a mail address", [email(`a@${serverName}`)]],
    ["a directory name", [directory(named(serverName))]],
    ["another name", [other("1.2.3.4", text(stringTags.utf8, serverName))]],
    ["a registered identifier", [registeredId("1.2.3.4")]],
    ["nothing", []],
    ["another dNSName", [dns("www.example.com")]],
    ["an empty dNSName", [dns("")]],
    ["an address and another dNSName", [ip(192, 0, 2, 1), dns("www.example.com")]],
  ];
  const tags = Object.entries({
    UTF8String: stringTags.utf8,
    PrintableString: stringTags.printable,
    IA5String: stringTags.ia5,
  });
  return lists.flatMap(([id, list]) =>
    tags.map(([type, tag]) =>
      changed(ground, `common name beside alternative names: ${id}, ${type}`, {
        ofLeaf: { subject: sequence(commonName(serverName, tag)), extensions: { subjectAltName: sequence(...list) } },
      }),
    ),
  );
}

function units(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => attribute("2.5.4.11", text(stringTags.utf8, `unit ${index}`)));
}

function utf32(value: string): Buffer {
  return Buffer.concat(Array.from(value, (character) => Buffer.from([0, 0, 0, character.charCodeAt(0)])));
}

/** Wildcards and names of other shapes: what was asked for, and what the certificate has. */
function wildcards(ground: Ground): CertificateCase[] {
  const pairs: readonly (readonly [string, string])[] = [
    ["example.com", "*.com"],
    ["shop.co.uk", "*.co.uk"],
    ["me.github.io", "*.github.io"],
    ["origin.test", "*.test"],
    ["a.b.example.com", "*.example.com"],
    ["a.b.example.com", "*.b.example.com"],
    ["xn--bcher-kva.example.com", "*.example.com"],
    ["xn--bcher-kva.example.com", "xn--*.example.com"],
    ["xn--bcher-kva.example.com", "XN--BCHER-KVA.example.com"],
    ["a_b.example.com", "a_b.example.com"],
    ["a_b.example.com", "*.example.com"],
    ["a-b.example.com", "a*.example.com"],
    ["1.example.com", "*.example.com"],
    ["localhost", "localhost"],
    ["localhost", "*"],
    [`${"a".repeat(63)}.example.com`, "*.example.com"],
  ];
  return pairs.map(([serverName, presented]) => ({
    ...changed(ground, `wildcard: ${presented} for ${serverName}`, {
      ofLeaf: { subject: named("Somebody"), extensions: { subjectAltName: sequence(dns(presented)) } },
    }),
    serverName,
  }));
}

/** The name of the issuer in the leaf, beside the name that the issuer has (RFC 5280 §7.1). */
function issuerNames({ root }: Ground): CertificateCase[] {
  const utf8 = (value: string) => commonName(value);
  const bmp = (value: string) => attribute("2.5.4.3", der(stringTags.bmp, Buffer.from(value, "utf16le").swap16()));
  const pairs: readonly (readonly [string, readonly Buffer[], readonly Buffer[]])[] = [
    ["another string type", [commonName("An Issuer", stringTags.printable)], [utf8("An Issuer")]],
    ["a BMPString", [bmp("An Issuer")], [utf8("An Issuer")]],
    ["another case", [utf8("AN issuer")], [utf8("An Issuer")]],
    ["two spaces", [utf8("An  Issuer")], [utf8("An Issuer")]],
    ["a space before it", [utf8(" An Issuer")], [utf8("An Issuer")]],
    ["a space behind it", [utf8("An Issuer ")], [utf8("An Issuer")]],
    ["a tab", [utf8("An\tIssuer")], [utf8("An Issuer")]],
    ["a no-break space", [utf8("An\u00a0Issuer")], [utf8("An Issuer")]],
    ["another case beyond ASCII", [utf8("\u00c9metteur")], [utf8("\u00e9metteur")]],
    ["Latin-1 in a TeletexString", [attribute("2.5.4.3", der(stringTags.t61, Buffer.from([0xe9])))], [utf8("\u00e9")]],
    ["another order", [utf8("An Issuer"), ...units(1)], [...units(1), utf8("An Issuer")]],
    ["one part more", [utf8("An Issuer"), ...units(1)], [utf8("An Issuer")]],
    [
      "two attributes in one part",
      [set(commonName("A").subarray(2), units(1)[0]?.subarray(2) ?? Buffer.alloc(0))],
      [commonName("A"), ...units(1)],
    ],
    ["another attribute type", [attribute("2.5.4.10", text(stringTags.utf8, "An Issuer"))], [utf8("An Issuer")]],
    ["60 parts, the last differs", [...units(60), utf8("A")], [...units(60), utf8("B")]],
  ];
  return pairs.map(([id, inLeaf, ofIssuer]) => {
    const issuing = authority("An Issuer", root, { subject: sequence(...ofIssuer) });
    const { der: leafDer, keys } = leaf(issuing, { issuer: sequence(...inLeaf) });
    return { id: `issuer's name: ${id}`, sent: [leafDer, issuing.der], keys, anchors: [root.der] };
  });
}
