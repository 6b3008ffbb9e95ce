import { generateKeyPair, type KeyObject, type webcrypto } from "node:crypto";
import { promisify } from "node:util";

/** The kinds of key a certificate of the sandbox can have; more than CloudFront accepts, so that refusals can be tested. */
export type KeyKind =
  | "ec-p256"
  | "ec-p384"
  | "ec-p521"
  | "ec-secp256k1"
  | "rsa-1024"
  | "rsa-2048"
  | "rsa-3072"
  | "rsa-4096"
  | "rsa-4160"
  | "rsa-pss-2048"
  | "dsa-1024"
  | "ed25519"
  | "ed448";

/** MD5 only where an RSA key signs. */
export type Hash = "MD5" | "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";

export type KeyPair = { readonly kind: KeyKind; readonly publicKey: KeyObject; readonly privateKey: KeyObject };

const generate = promisify(generateKeyPair);

/** A fresh key pair. P-256 takes a millisecond, RSA a tenth of a second and more. */
export async function createKeyPair(kind: KeyKind): Promise<KeyPair> {
  return { kind, ...(await generateByKind(kind)) };
}

/** The private key as PKCS #8 in PEM, as every TLS server reads it. */
export function privateKeyPem(pair: KeyPair): string {
  return pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** The public key as SubjectPublicKeyInfo in DER. */
export function publicKeyDer(pair: KeyPair): Uint8Array<ArrayBuffer> {
  return new Uint8Array(pair.publicKey.export({ type: "spki", format: "der" }));
}

/**
 * The private key as WebCrypto signs certificates with it.
 *
 * WebCrypto binds the hash of an RSA key to the key, so the hash is chosen here and not when signing.
 * Throws for kinds that certificates cannot be signed with here (Ed448, RSA-PSS, DSA, secp256k1).
 */
export function certificateSigner(
  pair: KeyPair,
  hash: Exclude<Hash, "MD5">,
): { readonly key: webcrypto.CryptoKey; readonly algorithm: webcrypto.Algorithm & { readonly hash?: Hash } } {
  const curve = EC_CURVES[pair.kind];
  if (curve !== undefined) {
    const key = pair.privateKey.toCryptoKey({ name: "ECDSA", namedCurve: curve }, false, ["sign"]);
    return { key, algorithm: { name: "ECDSA", hash } };
  }
  if (pair.kind === "ed25519") {
    const algorithm = { name: "Ed25519" };
    return { key: pair.privateKey.toCryptoKey(algorithm, false, ["sign"]), algorithm };
  }
  if (pair.kind.startsWith("rsa-") && pair.kind !== "rsa-pss-2048") {
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash };
    return { key: pair.privateKey.toCryptoKey(algorithm, false, ["sign"]), algorithm };
  }
  throw new Error(`a ${pair.kind} key cannot sign certificates here`);
}

function generateByKind(kind: KeyKind): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  switch (kind) {
    case "ec-p256":
      return generate("ec", { namedCurve: "P-256" });
    case "ec-p384":
      return generate("ec", { namedCurve: "P-384" });
    case "ec-p521":
      return generate("ec", { namedCurve: "P-521" });
    case "ec-secp256k1":
      return generate("ec", { namedCurve: "secp256k1" });
    case "rsa-1024":
    case "rsa-2048":
    case "rsa-3072":
    case "rsa-4096":
    case "rsa-4160":
      return generate("rsa", { modulusLength: Number(kind.slice("rsa-".length)) });
    case "rsa-pss-2048":
      return generate("rsa-pss", { modulusLength: 2048 });
    case "dsa-1024":
      return generate("dsa", { modulusLength: 1024, divisorLength: 160 });
    case "ed25519":
      return generate("ed25519");
    case "ed448":
      return generate("ed448");
  }
}

const EC_CURVES: Partial<Record<KeyKind, string>> = { "ec-p256": "P-256", "ec-p384": "P-384", "ec-p521": "P-521" };
