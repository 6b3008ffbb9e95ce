import { type CertificateCase, changed, type Ground } from "../case.ts";
import { explicit, implicit, integer, octets, sequence } from "../der.ts";
import { basicConstraints, extension, extensionIds, generalName, keyId, keysFor, named, spkiOf } from "../forge.ts";
import { authority, type Issuer, leaf, namesKeyOf } from "../pki.ts";

/** What is sent, in which order, and which of it leads anywhere. */
export function chains(ground: Ground): readonly CertificateCase[] {
  return [
    ...orders(ground),
    ...missing(ground),
    ...crossSigned(ground),
    ...keyIdentifiers(ground),
    ...lengths(ground),
    ...anchored(ground),
    ...circles(ground),
    ...signatures(ground),
  ];
}

function orders({ root, issuing, foreign }: Ground): CertificateCase[] {
  const upper = authority("Policy", root);
  const lower = authority("Lower", upper);
  const deep = leaf(lower);
  const flat = leaf(issuing);
  const sibling = leaf(issuing, { subject: named("sibling"), keys: keysFor("sibling") });
  const unrelated = authority("Unrelated", foreign);
  const anchors = [root.der];
  const shallow = (id: string, ...sent: Buffer[]) => ({ id: `order: ${id}`, sent, keys: flat.keys, anchors });
  const long = (id: string, ...sent: Buffer[]) => ({ id: `order: ${id}`, sent, keys: deep.keys, anchors });
  return [
    shallow("leaf, issuer", flat.der, issuing.der),
    shallow("leaf, issuer, root", flat.der, issuing.der, root.der),
    shallow("leaf, root, issuer", flat.der, root.der, issuing.der),
    shallow("leaf, unrelated, issuer", flat.der, unrelated.der, issuing.der),
    shallow("leaf, two unrelated, issuer", flat.der, unrelated.der, foreign.der, issuing.der),
    shallow("leaf, issuer, unrelated", flat.der, issuing.der, unrelated.der),
    shallow("leaf, issuer, foreign root", flat.der, issuing.der, foreign.der),
    shallow("leaf, leaf, issuer", flat.der, flat.der, issuing.der),
    shallow("leaf, issuer, leaf", flat.der, issuing.der, flat.der),
    shallow("leaf, issuer, issuer", flat.der, issuing.der, issuing.der),
    shallow("leaf, another leaf, issuer", flat.der, sibling.der, issuing.der),
    shallow("leaf, issuer, another leaf", flat.der, issuing.der, sibling.der),
    shallow("issuer, leaf", issuing.der, flat.der),
    shallow("root, issuer, leaf", root.der, issuing.der, flat.der),
    shallow("another leaf, leaf, issuer", sibling.der, flat.der, issuing.der),
    long("leaf, lower, upper", deep.der, lower.der, upper.der),
    long("leaf, upper, lower", deep.der, upper.der, lower.der),
    long("leaf, root, upper, lower", deep.der, root.der, upper.der, lower.der),
    long("leaf, lower, root, upper", deep.der, lower.der, root.der, upper.der),
    long("leaf, lower, unrelated, upper", deep.der, lower.der, unrelated.der, upper.der),
    long("leaf, lower, lower, upper", deep.der, lower.der, lower.der, upper.der),
    long("upper, lower, leaf", upper.der, lower.der, deep.der),
  ];
}

function missing({ root, issuing, foreign }: Ground): CertificateCase[] {
  const upper = authority("Policy", root);
  const lower = authority("Lower", upper);
  const deep = leaf(lower);
  const flat = leaf(issuing);
  const ofForeign = leaf(foreign);
  const foreignIssuing = authority("Foreign Issuing", foreign);
  const ofForeignIssuing = leaf(foreignIssuing);
  const alone = authority("api.example.com", null, { keys: keysFor("leaf") });
  const anchors = [root.der];
  const of = (id: string, keys: CertificateCase["keys"], ...sent: Buffer[]) => ({
    id: `incomplete or untrusted: ${id}`,
    sent,
    keys,
    anchors,
  });
  return [
    of("leaf alone", flat.keys, flat.der),
    of("leaf and root", flat.keys, flat.der, root.der),
    of("leaf and unrelated", flat.keys, flat.der, foreignIssuing.der),
    of("leaf and lower, upper missing", deep.keys, deep.der, lower.der),
    of("leaf and upper, lower missing", deep.keys, deep.der, upper.der),
    of("leaf of a foreign root", ofForeign.keys, ofForeign.der),
    of("leaf of a foreign root, which is sent", ofForeign.keys, ofForeign.der, foreign.der),
    of("chain of a foreign root", ofForeignIssuing.keys, ofForeignIssuing.der, foreignIssuing.der),
    of(
      "chain of a foreign root, which is sent",
      ofForeignIssuing.keys,
      ofForeignIssuing.der,
      foreignIssuing.der,
      foreign.der,
    ),
    of("self-signed", alone.keys, alone.der),
    of("self-signed, with the trusted root beside", alone.keys, alone.der, root.der),
  ];
}

/** The same name and key certified twice, and names that two keys have. */
function crossSigned({ root, foreign }: Ground): CertificateCase[] {
  const anchors = [root.der];
  const of = (id: string, issuer: Issuer, ...sent: Buffer[]): CertificateCase => {
    const { der, keys } = leaf(issuer);
    return { id: `cross-signed: ${id}`, sent: [der, ...sent], keys, anchors };
  };
  const good = authority("Crossed", root);
  const byForeign = authority("Crossed", foreign);
  const expired = authority("Crossed", root, { from: -900, until: -5 });
  const future = authority("Crossed", root, { from: 5 });
  const upper = authority("Upper", root);
  const upperByForeign = authority("Upper", foreign);
  const lower = authority("Lower Crossed", upper);
  const rootByForeign = authority("Root", foreign);
  const rootByExpired = authority("Root", authority("Old Root", null, { from: -4_000, until: -3 }), {
    until: -3,
    from: -3_000,
  });
  const byRoot = authority("Crossed Once", root);
  const detour = (validity: { from: number; until?: number }): CertificateCase => {
    const lapsed = authority("Lapsed", root, validity);
    const issuing = authority("Detoured", lapsed);
    const other = authority("Other", root);
    const direct = authority("Detoured", other);
    return of(
      `a way over ${validity.until === undefined ? "a not yet valid" : "an expired"} authority first, and a valid one`,
      issuing,
      issuing.der,
      lapsed.der,
      direct.der,
      other.der,
    );
  };
  const otherKey = { keys: keysFor("another key of Crossed") };
  const rekeyed = authority("Crossed", root, otherKey);
  const rekeyedByForeign = authority("Crossed", foreign, otherKey);
  const withoutIds = { extensions: { subjectKeyIdentifier: null, authorityKeyIdentifier: null } };
  const anonymous = authority("Crossed", root, withoutIds);
  const anonymousByForeign = authority("Crossed", foreign, withoutIds);
  const leafOf = (issuer: Issuer, id: string, ...sent: Buffer[]): CertificateCase => {
    const { der, keys } = leaf(issuer, { extensions: { authorityKeyIdentifier: null } });
    return { id: `cross-signed: ${id}`, sent: [der, ...sent], keys, anchors };
  };
  return [
    of("trusted first, then foreign", good, good.der, byForeign.der),
    of("foreign first, then trusted", good, byForeign.der, good.der),
    of("foreign first with its root, then trusted", good, byForeign.der, foreign.der, good.der),
    of("trusted first, then foreign with its root", good, good.der, byForeign.der, foreign.der),
    of("expired first, then valid", good, expired.der, good.der),
    of("valid first, then expired", good, good.der, expired.der),
    of("not yet valid first, then valid", good, future.der, good.der),
    of("valid first, then not yet valid", good, good.der, future.der),
    of("expired of the trusted root, then valid of the foreign one", good, expired.der, byForeign.der),
    of("valid of the foreign root, then expired of the trusted one", good, byForeign.der, expired.der),
    of("upper one foreign first", lower, lower.der, upperByForeign.der, upper.der),
    of("upper one trusted first", lower, lower.der, upper.der, upperByForeign.der),
    of("upper one foreign only", lower, lower.der, upperByForeign.der),
    of("trusted root certified by a foreign one, sent too", byRoot, byRoot.der, rootByForeign.der),
    of("trusted root certified by a foreign one, with that", byRoot, byRoot.der, rootByForeign.der, foreign.der),
    of("trusted root certified by an expired one, sent too", byRoot, byRoot.der, rootByExpired.der),
    of("another key of the same name first", good, rekeyed.der, good.der),
    of("another key of the same name second", good, good.der, rekeyed.der),
    of("another key of the same name alone", good, rekeyed.der),
    of("another foreign key of the same name first", good, rekeyedByForeign.der, good.der),
    detour({ from: -900, until: -5 }),
    detour({ from: 5 }),
    leafOf(anonymous, "no key identifiers, another key first", rekeyed.der, anonymous.der),
    leafOf(anonymous, "no key identifiers, another key second", anonymous.der, rekeyed.der),
    leafOf(anonymous, "no key identifiers, foreign first", anonymousByForeign.der, anonymous.der),
    leafOf(anonymous, "no key identifiers, trusted first", anonymous.der, anonymousByForeign.der),
  ];
}

/** authorityKeyIdentifier and subjectKeyIdentifier that name what is there, or something else (RFC 5280 §4.2.1.1). */
function keyIdentifiers(ground: Ground): CertificateCase[] {
  const { root } = ground;
  const serial = (value: number) => ({ serial: integer(value) });
  const issuing = authority("Issuing", root, serial(222));
  const namesSerial = (issuer: Issuer, value: number, withKey = true) =>
    sequence(
      ...(withKey ? [implicit(0, keyId(spkiOf(issuer.keys)))] : []),
      explicit(1, generalName.directory(root.name)),
      implicit(2, integer(value).subarray(2)),
    );
  const strange = sequence(implicit(0, Buffer.alloc(20, 7)));
  const of = (id: string, authorityKeyIdentifier: Buffer | null, ...others: Buffer[]): CertificateCase => {
    const { der, keys } = leaf(issuing, { extensions: { authorityKeyIdentifier } });
    return {
      id: `key identifiers: ${id}`,
      sent: [der, ...(others.length === 0 ? [issuing.der] : others)],
      keys,
      anchors: [root.der],
    };
  };
  const old = authority("Issuing", root, serial(111));
  const otherIssuer = sequence(
    implicit(0, keyId(spkiOf(issuing.keys))),
    explicit(1, generalName.directory(named("Somebody Else"))),
    implicit(2, integer(222).subarray(2)),
  );
  const unnamed = authority("Issuing", root, { extensions: { subjectKeyIdentifier: null } });
  const misnamed = authority("Issuing", root, {
    extensions: { subjectKeyIdentifier: octets(Buffer.alloc(20, 9)) },
  });
  const ofIntermediate = (id: string, authorityKeyIdentifier: Buffer | null) =>
    changed(ground, `key identifiers: ${id}`, { ofIssuing: { extensions: { authorityKeyIdentifier } } });
  const numberedRoot = authority("Root", null, serial(77));
  const underNumbered = authority("Issuing", numberedRoot, {
    extensions: { authorityKeyIdentifier: namesSerial(numberedRoot, 78) },
  });
  const underNumberedLeaf = leaf(underNumbered);
  return [
    of("serial of the issuer", namesSerial(issuing, 222)),
    of("serial of the issuer without its key", namesSerial(issuing, 222, false)),
    of("serial of an older issuer", namesSerial(issuing, 111)),
    of("serial of an older issuer without its key", namesSerial(issuing, 111, false)),
    of("serial of an older issuer, which is sent", namesSerial(issuing, 111), old.der),
    of("serial of an older issuer, both sent, the older second", namesSerial(issuing, 111), issuing.der, old.der),
    of("serial of an older issuer, both sent, the older first", namesSerial(issuing, 111), old.der, issuing.der),
    of("issuer's issuer is another name", otherIssuer),
    of("another key", strange),
    of("none in the leaf", null),
    of("issuer without a subjectKeyIdentifier", namesKeyOf(issuing), unnamed.der),
    of("issuer with another subjectKeyIdentifier", namesKeyOf(issuing), misnamed.der),
    of("issuer with another subjectKeyIdentifier, then the right one", namesKeyOf(issuing), misnamed.der, issuing.der),
    of("empty", sequence()),
    ofIntermediate("none in the intermediate", null),
    ofIntermediate("intermediate names another key", strange),
    {
      id: "key identifiers: intermediate names another serial of the root",
      sent: [underNumberedLeaf.der, underNumbered.der],
      keys: underNumberedLeaf.keys,
      anchors: [numberedRoot.der],
    },
  ];
}

function lengths({ root, issuing, foreign }: Ground): CertificateCase[] {
  const flat = leaf(issuing);
  const strangers = Array.from({ length: 120 }, (_, index) => authority(`Stranger ${index}`, foreign).der);
  const beside = (count: number): CertificateCase => ({
    id: `length: ${count} certificates, all but two of them unrelated`,
    sent: [flat.der, issuing.der, ...strangers.slice(0, count - 2)],
    keys: flat.keys,
    anchors: [root.der],
  });
  /** One certificate that makes the message of TLS 1.3 exactly so long. */
  const exactly = (bytes: number): CertificateCase => {
    const made = (padding: number) =>
      leaf(root, { more: [extension(extensionIds.unknown, octets(Buffer.alloc(padding)))] });
    const message = (padding: number) => 4 + 5 + made(padding).der.length;
    let padding = bytes - 1_000;
    // A signature is one byte shorter at times.
    for (let attempt = 0; attempt < 50 && message(padding) !== bytes; attempt += 1) padding += bytes - message(padding);
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const { der, keys } = made(padding);
      if (4 + 5 + der.length === bytes)
        return { id: `length: a message of ${bytes} bytes`, sent: [der], keys, anchors: [root.der] };
    }
    throw new Error(`no certificate makes a message of ${bytes} bytes`);
  };
  const deep = (count: number, sendRoot = false): CertificateCase => {
    const path = [root];
    for (let step = 1; step < count; step += 1) path.push(authority(`Step ${step}`, path.at(-1) ?? root));
    const { der, keys } = leaf(path.at(-1) ?? root);
    const above = path.toReversed().map((each) => each.der);
    return {
      id: `length: path of ${count} certificates${sendRoot ? " and the root" : ""}`,
      sent: [der, ...(sendRoot ? above : above.slice(0, -1))],
      keys,
      anchors: [root.der],
    };
  };
  const filled = (bytes: number, where: "leaf" | "intermediate" | "beside"): CertificateCase => {
    const padding = extension(extensionIds.unknown, octets(Buffer.alloc(bytes)));
    const middle = where === "intermediate" ? authority("Issuing", root, { more: [padding] }) : issuing;
    const { der, keys } = leaf(middle, where === "leaf" ? { more: [padding] } : {});
    const more = where === "beside" ? [authority("Large", foreign, { more: [padding] }).der] : [];
    return {
      id: `length: ${bytes} bytes of padding ${where === "beside" ? "in a certificate beside the path" : `in the ${where}`}`,
      sent: [der, middle.der, ...more],
      keys,
      anchors: [root.der],
    };
  };
  return [
    ...[6, 7, 8, 9, 10, 20, 50, 99, 100, 101, 120].map(beside),
    ...[2, 5, 6, 7, 8, 9, 12].map((count) => deep(count)),
    ...[6, 7, 8].map((count) => deep(count, true)),
    ...[10_000, 30_000, 60_000, 63_000, 66_000, 80_000, 95_000, 110_000, 200_000].map((bytes) => filled(bytes, "leaf")),
    ...[60_000, 66_000, 95_000].map((bytes) => filled(bytes, "intermediate")),
    ...[60_000, 66_000].map((bytes) => filled(bytes, "beside")),
    ...[65_535, 65_536, 65_537].map(exactly),
  ];
}

/** What the path ends at. */
function anchored({ root, issuing, foreign }: Ground): CertificateCase[] {
  const flat = leaf(issuing);
  const direct = leaf(root);
  const of = (id: string, issuer: Issuer, anchors: readonly Buffer[], ...sent: Buffer[]): CertificateCase => {
    const { der, keys } = leaf(issuer);
    return { id: `anchor: ${id}`, sent: [der, ...sent], keys, anchors };
  };
  const withRoot = (id: string, changes: Parameters<typeof authority>[2]): CertificateCase => {
    const top = authority("Root", null, changes);
    const middle = authority("Issuing", top);
    return of(id, middle, [top.der], middle.der);
  };
  const impostor = authority("Root", null, { keys: keysFor("impostor") });
  const selfMade = leaf({ name: named("api.example.com"), keys: keysFor("leaf"), der: Buffer.alloc(0) });
  return [
    { id: "anchor: leaf of the root itself", sent: [direct.der], keys: direct.keys, anchors: [root.der] },
    {
      id: "anchor: leaf of the root itself, root sent",
      sent: [direct.der, root.der],
      keys: direct.keys,
      anchors: [root.der],
    },
    {
      id: "anchor: two roots of one name, the impostor first",
      sent: [flat.der, issuing.der],
      keys: flat.keys,
      anchors: [impostor.der, root.der],
    },
    {
      id: "anchor: a root of the right name and another key is sent",
      sent: [flat.der, issuing.der, impostor.der],
      keys: flat.keys,
      anchors: [root.der],
    },
    {
      id: "anchor: only the impostor is trusted",
      sent: [flat.der, issuing.der],
      keys: flat.keys,
      anchors: [impostor.der],
    },
    {
      id: "anchor: only the impostor is trusted, the right root is sent",
      sent: [flat.der, issuing.der, root.der],
      keys: flat.keys,
      anchors: [impostor.der],
    },
    {
      id: "anchor: self-signed leaf that is trusted itself",
      sent: [selfMade.der],
      keys: selfMade.keys,
      anchors: [selfMade.der],
    },
    {
      id: "anchor: the foreign root is trusted besides",
      sent: [flat.der, issuing.der],
      keys: flat.keys,
      anchors: [foreign.der, root.der],
    },
    withRoot("root expired", { from: -3_000, until: -3 }),
    withRoot("root not yet valid", { from: 3 }),
    withRoot("root of version 1", { version: null, bare: true }),
    withRoot("root of version 3 without extensions", { bare: true }),
    withRoot("root that is no CA", { extensions: { basicConstraints: basicConstraints(false) } }),
    withRoot("root without basicConstraints", { extensions: { basicConstraints: null } }),
    withRoot("root without a key identifier", { extensions: { subjectKeyIdentifier: null } }),
    withRoot("root with a signature that is broken", {
      signature: (bytes) => Buffer.from(bytes).fill(1, bytes.length - 4),
    }),
    withRoot("root with an unknown critical extension", { more: [extension(extensionIds.unknown, octets(), true)] }),
  ];
}

function circles({ root, foreign }: Ground): CertificateCase[] {
  const one = authority("Circle One", foreign);
  const two = authority("Circle Two", one);
  const oneByTwo = authority("Circle One", two);
  const { der, keys } = leaf(two);
  const oneByRoot = authority("Circle One", root);
  const mesh = Array.from({ length: 6 }, (_, index) => ({
    label: `Mesh ${index}`,
    issuer: authority(`Mesh ${index}`, root),
  }));
  const allByAll = mesh.flatMap(({ label }) =>
    mesh.filter((other) => other.label !== label).map(({ issuer }) => authority(label, issuer).der),
  );
  const inMesh = leaf(mesh[0]?.issuer ?? root);
  return [
    {
      id: "circle: two authorities that sign each other",
      sent: [der, two.der, oneByTwo.der],
      keys,
      anchors: [root.der],
    },
    {
      id: "circle: the same with a way out, last",
      sent: [der, two.der, oneByTwo.der, oneByRoot.der],
      keys,
      anchors: [root.der],
    },
    {
      id: "circle: the same with a way out, first",
      sent: [der, two.der, oneByRoot.der, oneByTwo.der],
      keys,
      anchors: [root.der],
    },
    {
      id: "circle: six that all sign each other",
      sent: [inMesh.der, ...allByAll],
      keys: inMesh.keys,
      anchors: [root.der],
    },
    {
      id: "circle: six that all sign each other, and the way out behind",
      sent: [inMesh.der, ...allByAll, ...mesh.map(({ issuer }) => issuer.der)],
      keys: inMesh.keys,
      anchors: [root.der],
    },
  ];
}

/** Signatures that are not what they should be. */
function signatures(ground: Ground): CertificateCase[] {
  const flipped = (bytes: Buffer) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8((copy.at(-1) ?? 0) ^ 1, copy.length - 1);
    return copy;
  };
  const stranger = keysFor("stranger");
  const rsaAlgorithm = sequence(Buffer.from("06092a864886f70d01010b0500", "hex"));
  const of = (id: string, changes: Parameters<typeof leaf>[1]) => [
    changed(ground, `signature: ${id} of the leaf`, { ofLeaf: changes ?? {} }),
    changed(ground, `signature: ${id} of the intermediate`, { ofIssuing: changes ?? {} }),
  ];
  return [
    ...of("broken signature", { signature: flipped }),
    ...of("empty signature", { signature: () => Buffer.alloc(0) }),
    ...of("signature by another key", { signedBy: stranger }),
    ...of("inner algorithm is another", { innerAlgorithm: rsaAlgorithm }),
    ...of("outer algorithm is another", { outerAlgorithm: rsaAlgorithm }),
    ...of("both algorithms are another", { innerAlgorithm: rsaAlgorithm, outerAlgorithm: rsaAlgorithm }),
    ...of("unknown algorithm", {
      innerAlgorithm: sequence(Buffer.from("06032a0304", "hex")),
      outerAlgorithm: sequence(Buffer.from("06032a0304", "hex")),
    }),
  ];
}
