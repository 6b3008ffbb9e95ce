import { implicit, octets, sequence } from "./der.ts";
import {
  type Algorithm,
  basicConstraints,
  type ExtensionName,
  extendedKeyUsage,
  extension,
  extensionIds,
  forge,
  generalName,
  type Keys,
  keyId,
  keysFor,
  keyUsage,
  named,
  type Parts,
  purposes,
  spkiOf,
  time,
  usualAlgorithm,
} from "./forge.ts";

/** Who signs: a name and a key, and a certificate of theirs. */
export type Issuer = { readonly name: Buffer; readonly keys: Keys; readonly der: Buffer };

/** The extensions of a certificate by name, in the order in which they are written; null leaves one out. */
export type Extensions = { readonly [name in ExtensionName]?: Buffer | null };

/** How a certificate differs from what any authority would write. */
export type Changes = Partial<Omit<Parts, "issuer" | "signer" | "extensions" | "notBefore" | "notAfter">> & {
  /** Days from now. */
  readonly from?: number;
  readonly until?: number;
  readonly notBefore?: Buffer;
  readonly notAfter?: Buffer;
  readonly keys?: Keys;
  /** Signs in the issuer's place. */
  readonly signedBy?: Keys;
  readonly issuer?: Buffer;
  readonly algorithm?: Algorithm;
  /** Put over the usual ones, each the whole value of the extension. */
  readonly extensions?: Extensions;
  /** Names of extensions whose criticality is not the usual one. */
  readonly critical?: Partial<Record<ExtensionName, boolean>>;
  /** Whole Extension elements after the others. */
  readonly more?: readonly Buffer[];
  /** No extensions at all. */
  readonly bare?: boolean;
};

const dayMs = 86_400_000;
const usuallyCritical: ReadonlySet<string> = new Set(["basicConstraints", "keyUsage", "nameConstraints"]);

/** A certificate authority: self-signed without `parent`. */
export function authority(label: string, parent: Issuer | null = null, changes: Changes = {}): Issuer {
  const keys = changes.keys ?? keysFor(label);
  const name = changes.subject ?? named(label);
  const issuer = parent ?? { name, keys };
  const usual: Extensions = {
    subjectKeyIdentifier: octets(keyId(spkiOf(keys))),
    ...(parent === null ? {} : { authorityKeyIdentifier: namesKeyOf(parent) }),
    basicConstraints: basicConstraints(true),
    keyUsage: keyUsage("keyCertSign", "cRLSign"),
  };
  return { name, keys, der: certificate(name, keys, issuer, usual, { from: -400, until: 3_000, ...changes }) };
}

/** A server's certificate for api.example.com. */
export function leaf(issuer: Issuer, changes: Changes = {}): { readonly der: Buffer; readonly keys: Keys } {
  const keys = changes.keys ?? keysFor("leaf");
  const usual: Extensions = {
    subjectKeyIdentifier: octets(keyId(spkiOf(keys))),
    authorityKeyIdentifier: namesKeyOf(issuer),
    basicConstraints: basicConstraints(false),
    keyUsage: keyUsage(
      "digitalSignature",
      ...(keys.privateKey.asymmetricKeyType === "ec" ? [] : ["keyEncipherment" as const]),
    ),
    extendedKeyUsage: extendedKeyUsage(purposes.serverAuth),
    subjectAltName: sequence(generalName.dns(serverName)),
  };
  const subject = changes.subject ?? named(serverName);
  return { keys, der: certificate(subject, keys, issuer, usual, { from: -10, until: 80, ...changes }) };
}

/** The name that every case is asked for. */
export const serverName = "api.example.com";

/** An authority key identifier that names the key of an issuer. */
export function namesKeyOf({ keys }: Pick<Issuer, "keys">): Buffer {
  return sequence(implicit(0, keyId(spkiOf(keys))));
}

function certificate(
  subject: Buffer,
  keys: Keys,
  issuer: Omit<Issuer, "der">,
  usual: Extensions,
  changes: Changes & { readonly from: number; readonly until: number },
): Buffer {
  const { from, until, notBefore, notAfter, signedBy, extensions, critical = {}, more = [], bare } = changes;
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const written = Object.entries({ ...usual, ...extensions }).flatMap(([name, value]) =>
    value === null || value === undefined || !isExtensionName(name)
      ? []
      : [extension(extensionIds[name], value, critical[name] ?? usuallyCritical.has(name))],
  );
  const signer = signedBy ?? issuer.keys;
  return forge({
    ...changes,
    subject,
    spki: changes.spki ?? spkiOf(keys),
    issuer: changes.issuer ?? issuer.name,
    signer: signer.privateKey,
    algorithm: changes.algorithm ?? usualAlgorithm(signer),
    notBefore: notBefore ?? time(now + from * dayMs),
    notAfter: notAfter ?? time(now + until * dayMs),
    extensions: bare === true ? null : [...written, ...more],
  });
}

function isExtensionName(name: string): name is ExtensionName {
  return name in extensionIds;
}
