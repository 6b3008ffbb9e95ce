import { type CertificateCase, changed, type Ground } from "../case.ts";
import { type Algorithm, dsa, ec, ed25519, type Keys, keysFor, rsa, rsaPss } from "../forge.ts";

/** Keys, and what certificates are signed with. */
export function algorithms(ground: Ground): readonly CertificateCase[] {
  return [...keys(ground), ...signatures(ground)];
}

/** Those that a server of TLS 1.3 can sign with stand in both places, the rest only above the leaf. */
function keys(ground: Ground): CertificateCase[] {
  const everywhere: Readonly<Record<string, () => Keys>> = {
    "P-256": ec("P-256"),
    "P-384": ec("P-384"),
    "P-521": ec("P-521"),
    "RSA 768": rsa(768),
    "RSA 1000": rsa(1_000),
    "RSA 1023": rsa(1_023),
    "RSA 1024": rsa(1_024),
    "RSA 2047": rsa(2_047),
    "RSA 2048": rsa(2_048),
    "RSA 2048 with exponent 3": rsa(2_048, 3),
    "RSA 3072": rsa(3_072),
    "RSA 4096": rsa(4_096),
    "RSA 4104": rsa(4_104),
    "RSA 2048 for PSS only": rsaPss,
  };
  const above: Readonly<Record<string, () => Keys>> = {
    "P-224": ec("secp224r1"),
    secp256k1: ec("secp256k1"),
    brainpoolP256r1: ec("brainpoolP256r1"),
    Ed25519: ed25519,
    "DSA 2048": dsa,
    "RSA 512": rsa(512),
  };
  return [
    ...Object.entries(everywhere).map(([id, make]) =>
      changed(ground, `key: ${id}, of the leaf`, { ofLeaf: { keys: keysFor(id, make) } }),
    ),
    ...Object.entries({ ...everywhere, ...above }).flatMap(([id, make]) => [
      changed(ground, `key: ${id}, of the intermediate`, { ofIssuing: { keys: keysFor(id, make) } }),
      changed(ground, `key: ${id}, of the root`, { ofRoot: { keys: keysFor(id, make) } }),
    ]),
  ];
}

function signatures(ground: Ground): CertificateCase[] {
  const ofRsa: readonly Algorithm[] = [
    "rsa-md5",
    "rsa-sha1",
    "rsa-sha224",
    "rsa-sha256",
    "rsa-sha384",
    "rsa-sha512",
    "pss-sha1",
    "pss-sha256",
    "pss-sha384",
  ];
  const ofEc: readonly Algorithm[] = ["ecdsa-sha1", "ecdsa-sha224", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512"];
  const rsaKeys = { keys: keysFor("RSA 2048", rsa(2_048)) };
  return [
    ...ofRsa.flatMap((algorithm) => [
      changed(ground, `algorithm: ${algorithm}, on the leaf`, { ofIssuing: rsaKeys, ofLeaf: { algorithm } }),
      changed(ground, `algorithm: ${algorithm}, on the intermediate`, { ofRoot: rsaKeys, ofIssuing: { algorithm } }),
      changed(ground, `algorithm: ${algorithm}, on the root`, { ofRoot: { ...rsaKeys, algorithm } }),
    ]),
    ...ofEc.flatMap((algorithm) => [
      changed(ground, `algorithm: ${algorithm}, on the leaf`, { ofLeaf: { algorithm } }),
      changed(ground, `algorithm: ${algorithm}, on the intermediate`, { ofIssuing: { algorithm } }),
      changed(ground, `algorithm: ${algorithm}, on the root`, { ofRoot: { algorithm } }),
    ]),
  ];
}
