import { type CertificateCase, changed, type Ground } from "../case.ts";
import { bits, der, explicit, implicit, integer, oid, sequence } from "../der.ts";
import { basicConstraints, extendedKeyUsage, generalName, purposes as ids, keyUsage, named } from "../forge.ts";
import { authority, type Changes, leaf, serverName } from "../pki.ts";

/** What a certificate is for, and what its authorities are allowed. */
export function purposes(ground: Ground): readonly CertificateCase[] {
  return [
    ...extendedKeyUsages(ground),
    ...keyUsages(ground),
    ...constraints(ground),
    ...nameConstraints(ground),
    ...policies(ground),
  ];
}

function extendedKeyUsages(ground: Ground): CertificateCase[] {
  const strange = (count: number) => Array.from({ length: count }, (_, index) => `1.2.3.4.${index + 1}`);
  const usages: readonly (readonly [string, Buffer | null])[] = [
    ["none", null],
    ["serverAuth", extendedKeyUsage(ids.serverAuth)],
    ["clientAuth", extendedKeyUsage(ids.clientAuth)],
    ["clientAuth and serverAuth", extendedKeyUsage(ids.clientAuth, ids.serverAuth)],
    ["any", extendedKeyUsage(ids.any)],
    ["codeSigning", extendedKeyUsage(ids.codeSigning)],
    ["OCSPSigning", extendedKeyUsage(ids.ocspSigning)],
    ["Netscape server gated crypto", extendedKeyUsage(ids.netscapeServerGated)],
    ["Microsoft server gated crypto", extendedKeyUsage(ids.microsoftServerGated)],
    ["an unknown one", extendedKeyUsage("1.2.3.4")],
    ["serverAuth as the 51st", extendedKeyUsage(...strange(50), ids.serverAuth)],
    ["serverAuth as the 501st", extendedKeyUsage(...strange(500), ids.serverAuth)],
    ["60 without serverAuth", extendedKeyUsage(...strange(60))],
    ["serverAuth twice", extendedKeyUsage(ids.serverAuth, ids.serverAuth)],
    ["a number among them", sequence(oid(ids.serverAuth), integer(1))],
    ["an identifier without an end", sequence(oid(ids.serverAuth), der(0x06, Buffer.from([0x2a, 0x83])))],
    ["an identifier of 300 bytes", sequence(oid(ids.serverAuth), der(0x06, Buffer.alloc(300, 0x11)))],
  ];
  return usages.flatMap(([id, extendedKeyUsage]) => [
    changed(ground, `extended key usage: ${id}, of the leaf`, { ofLeaf: { extensions: { extendedKeyUsage } } }),
    changed(ground, `extended key usage: ${id}, of the intermediate`, {
      ofIssuing: { extensions: { extendedKeyUsage } },
    }),
    changed(ground, `extended key usage: ${id}, of the root`, { ofRoot: { extensions: { extendedKeyUsage } } }),
  ]);
}

function keyUsages(ground: Ground): CertificateCase[] {
  const usages: readonly (readonly [string, Buffer | null])[] = [
    ["none", null],
    ["digitalSignature", keyUsage("digitalSignature")],
    ["keyEncipherment", keyUsage("keyEncipherment")],
    ["keyAgreement", keyUsage("keyAgreement")],
    ["dataEncipherment", keyUsage("dataEncipherment")],
    ["nonRepudiation", keyUsage("nonRepudiation")],
    ["keyCertSign", keyUsage("keyCertSign")],
    ["cRLSign", keyUsage("cRLSign")],
    ["keyCertSign and digitalSignature", keyUsage("keyCertSign", "digitalSignature")],
    ["no bit", keyUsage()],
    ["zero bits in a byte", bits(Buffer.from([0]), 7)],
    ["bits that do not fit", bits(Buffer.from([0xff]), 7)],
    ["9 unused bits", bits(Buffer.from([0x80]), 9)],
    ["100 bytes", bits(Buffer.alloc(100, 0xff))],
  ];
  return usages.flatMap(([id, keyUsage]) => [
    changed(ground, `key usage: ${id}, of the leaf`, { ofLeaf: { extensions: { keyUsage } } }),
    changed(ground, `key usage: ${id}, of the intermediate`, { ofIssuing: { extensions: { keyUsage } } }),
    changed(ground, `key usage: ${id}, of the root`, { ofRoot: { extensions: { keyUsage } } }),
  ]);
}

function constraints(ground: Ground): CertificateCase[] {
  const { root } = ground;
  const of = (id: string, basicConstraints: Buffer | null, more: Changes["extensions"] = {}) => {
    const changes = { extensions: { basicConstraints, ...more } };
    return [
      changed(ground, `basic constraints: ${id}, of the leaf`, { ofLeaf: changes }),
      changed(ground, `basic constraints: ${id}, of the intermediate`, { ofIssuing: changes }),
    ];
  };
  const limited = (
    id: string,
    rootLength: number | undefined,
    lengths: readonly (number | undefined)[],
    selfIssued = false,
  ): CertificateCase => {
    const top = authority("Root", null, { extensions: { basicConstraints: basicConstraints(true, rootLength) } });
    const path = [top];
    for (const [index, length] of lengths.entries()) {
      const label = selfIssued ? `Limited` : `Limited ${index}`;
      path.push(
        authority(label, path.at(-1) ?? top, { extensions: { basicConstraints: basicConstraints(true, length) } }),
      );
    }
    const { der, keys } = leaf(path.at(-1) ?? top);
    return {
      id: `path length: ${id}`,
      sent: [
        der,
        ...path
          .slice(1)
          .toReversed()
          .map((each) => each.der),
      ],
      keys,
      anchors: [top.der],
    };
  };
  const underLeaf = leaf(ground.issuing, {
    subject: named("Not An Authority"),
    extensions: { extendedKeyUsage: null },
  });
  const impostor = { name: named("Not An Authority"), keys: underLeaf.keys, der: underLeaf.der };
  const forged = leaf(impostor, {});
  return [
    ...of("none", null),
    ...of("CA", basicConstraints(true)),
    ...of("CA with a key usage of both", basicConstraints(true), {
      keyUsage: keyUsage("digitalSignature", "keyCertSign"),
    }),
    ...of("no CA", basicConstraints(false)),
    ...of("no CA, with a path length", basicConstraints(false, 3)),
    ...of("no CA, written out as false", sequence(der(0x01, Buffer.from([0])))),
    ...of("CA written as a boolean of 1", sequence(der(0x01, Buffer.from([1])))),
    ...of("negative path length", sequence(der(0x01, Buffer.from([0xff])), integer(-1))),
    ...of("path length of 9 bytes", sequence(der(0x01, Buffer.from([0xff])), der(0x02, Buffer.alloc(9, 0x11)))),
    ...of("something behind it", sequence(der(0x01, Buffer.from([0xff])), integer(1), integer(1))),
    {
      id: "basic constraints: leaf signed by a leaf",
      sent: [forged.der, underLeaf.der, ground.issuing.der],
      keys: forged.keys,
      anchors: [root.der],
    },
    limited("0 at the intermediate that issues", undefined, [0]),
    limited("0 at an intermediate above another", undefined, [0, undefined]),
    limited("1 at an intermediate above another", undefined, [1, undefined]),
    limited("0 at an intermediate above itself", undefined, [0, 0], true),
    limited("0 at the root above an intermediate", 0, [undefined]),
    limited("1 at the root above two intermediates", 1, [undefined, undefined]),
    limited("0 at the root above the leaf", 0, []),
  ];
}

function nameConstraints(ground: Ground): CertificateCase[] {
  const tree = (...names: readonly Buffer[]) => names.map((name) => sequence(name));
  const permitted = (...names: readonly Buffer[]) => sequence(explicit(0, ...tree(...names)));
  const excluded = (...names: readonly Buffer[]) => sequence(explicit(1, ...tree(...names)));
  const { dns, ip, email, uri, directory } = generalName;
  const limits: readonly (readonly [string, Buffer, Changes?])[] = [
    ["the name is permitted", permitted(dns(serverName))],
    ["the domain is permitted", permitted(dns("example.com"))],
    ["the domain with a leading dot is permitted", permitted(dns(".example.com"))],
    ["another domain is permitted", permitted(dns("example.org"))],
    ["an empty name is permitted", permitted(dns(""))],
    ["a name with a trailing dot is permitted", permitted(dns("example.com."))],
    ["a wildcard is permitted", permitted(dns("*.example.com"))],
    ["the domain is excluded", excluded(dns("example.com"))],
    ["another domain is excluded", excluded(dns("example.org"))],
    ["everything is excluded", excluded(dns(""))],
    [
      "permitted and excluded",
      sequence(explicit(0, ...tree(dns("example.com"))), explicit(1, ...tree(dns(serverName)))),
    ],
    ["only addresses are permitted", permitted(ip(10, 0, 0, 0, 255, 0, 0, 0))],
    ["addresses are excluded", excluded(ip(0, 0, 0, 0, 0, 0, 0, 0))],
    ["an address of 5 bytes", permitted(ip(1, 2, 3, 4, 5))],
    ["mail is permitted", permitted(email("example.com"))],
    ["URIs are permitted", permitted(uri("example.com"))],
    ["another organization is permitted", permitted(directory(named("Somebody Else")))],
    ["the directory name is permitted", permitted(directory(named(serverName)))],
    ["an unknown kind of name is permitted", permitted(generalName.registeredId("1.2.3.4"))],
    ["a minimum of 1", sequence(explicit(0, sequence(dns("example.com"), implicit(0, Buffer.from([1])))))],
    ["neither of the two", sequence()],
    [
      "excluded, and the leaf has a wildcard",
      excluded(dns("internal.example.com")),
      { extensions: { subjectAltName: sequence(dns("*.example.com")) } },
    ],
    [
      "permitted, and the leaf has a common name only",
      permitted(dns("example.org")),
      { extensions: { subjectAltName: null } },
    ],
    [
      "permitted, and the common name is another",
      permitted(dns("example.com")),
      { subject: named("other.example.org") },
    ],
    [
      "permitted, and another name of the leaf is not",
      permitted(dns("example.com")),
      { extensions: { subjectAltName: sequence(dns(serverName), dns("www.example.org")) } },
    ],
  ];
  return limits.flatMap(([id, value, ofLeaf = {}]) => [
    changed(ground, `name constraints: ${id}, in the intermediate`, {
      ofLeaf,
      ofIssuing: { extensions: { nameConstraints: value } },
    }),
    changed(ground, `name constraints: ${id}, in the root`, {
      ofLeaf,
      ofRoot: { extensions: { nameConstraints: value } },
    }),
    changed(ground, `name constraints: ${id}, in the leaf`, {
      ofLeaf: { ...ofLeaf, extensions: { ...ofLeaf.extensions, nameConstraints: value } },
    }),
    changed(ground, `name constraints: ${id}, not critical, in the intermediate`, {
      ofLeaf,
      ofIssuing: { extensions: { nameConstraints: value }, critical: { nameConstraints: false } },
    }),
  ]);
}

function policies(ground: Ground): CertificateCase[] {
  const policy = (...policyIds: readonly string[]) => sequence(...policyIds.map((id) => sequence(oid(id))));
  const required = sequence(implicit(0, Buffer.from([0])));
  const of = (id: string, ofIssuing: Changes["extensions"], ofLeaf: Changes["extensions"] = {}) =>
    changed(ground, `policies: ${id}`, {
      ofIssuing: { extensions: ofIssuing ?? {} },
      ofLeaf: { extensions: ofLeaf ?? {} },
    });
  return [
    of("the same in both", { certificatePolicies: policy("1.2.3") }, { certificatePolicies: policy("1.2.3") }),
    of("different ones", { certificatePolicies: policy("1.2.3") }, { certificatePolicies: policy("1.2.4") }),
    of("the leaf has one twice", {}, { certificatePolicies: policy("1.2.3", "1.2.3") }),
    of("explicit policy required, none there", { policyConstraints: required }),
    of(
      "explicit policy required, the same in both",
      { policyConstraints: required, certificatePolicies: policy("1.2.3") },
      { certificatePolicies: policy("1.2.3") },
    ),
    of(
      "explicit policy required, different ones",
      { policyConstraints: required, certificatePolicies: policy("1.2.3") },
      { certificatePolicies: policy("1.2.4") },
    ),
    of("explicit policy required by the leaf", {}, { policyConstraints: required }),
    of(
      "any policy inhibited",
      { inhibitAnyPolicy: integer(0), certificatePolicies: policy("2.5.29.32.0") },
      { certificatePolicies: policy("1.2.3") },
    ),
    of(
      "a mapping",
      { policyMappings: sequence(sequence(oid("1.2.3"), oid("1.2.4"))), certificatePolicies: policy("1.2.3") },
      { certificatePolicies: policy("1.2.4") },
    ),
    of("a mapping to any policy", { policyMappings: sequence(sequence(oid("1.2.3"), oid("2.5.29.32.0"))) }),
  ];
}
