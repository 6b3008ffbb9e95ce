import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import { type NamedGroup, namedGroups } from "./code-points.ts";

/** One fresh key pair of a group, ready for a key_share extension (RFC 8446 §4.2.8). */
export type KeyShare = {
  readonly group: number;
  /** The public key as it goes on the wire. */
  readonly publicKey: Buffer;
  /** The secret shared with a server's public key; null when that is not a valid key of the group. */
  sharedSecret(serverKey: Buffer): Buffer | null;
};

/** A fresh key pair; null for groups that can be offered here but not computed in (finite-field and post-quantum ones). */
export function createKeyShare(group: NamedGroup): KeyShare | null {
  switch (group) {
    case "secp256r1":
      return curvePoint(namedGroups[group], "prime256v1");
    case "secp384r1":
    case "secp521r1":
      return curvePoint(namedGroups[group], group);
    case "x25519":
    case "x448":
      return montgomery(namedGroups[group], group);
    default:
      return null;
  }
}

/** Whether `createKeyShare` can make a key of this group. */
export function hasKeyShare(group: NamedGroup): boolean {
  return keyShareGroups.has(group);
}

const keyShareGroups: ReadonlySet<NamedGroup> = new Set(["secp256r1", "secp384r1", "secp521r1", "x25519", "x448"]);

/** An uncompressed point (RFC 8446 §4.2.8.2); the secret is the x coordinate (§7.4.2). */
function curvePoint(group: number, curve: string): KeyShare {
  const pair = createECDH(curve);
  const publicKey = pair.generateKeys();
  const uncompressed = 4;
  return {
    group,
    publicKey,
    sharedSecret(serverKey) {
      if (serverKey.length !== publicKey.length || serverKey[0] !== uncompressed) return null;
      return orNull(() => pair.computeSecret(serverKey));
    },
  };
}

/** RFC 7748 §5 and §6. */
function montgomery(group: number, curve: "x25519" | "x448"): KeyShare {
  // Node types the two curves apart although both take the same calls.
  const pair = curve === "x25519" ? generateKeyPairSync("x25519") : generateKeyPairSync("x448");
  const prefix = montgomeryPrefix[curve];
  const publicKey = pair.publicKey.export({ type: "spki", format: "der" }).subarray(prefix.length);
  return {
    group,
    publicKey,
    sharedSecret(serverKey) {
      if (serverKey.length !== publicKey.length) return null;
      return orNull(() => {
        const theirs = createPublicKey({ key: Buffer.concat([prefix, serverKey]), type: "spki", format: "der" });
        return diffieHellman({ privateKey: pair.privateKey, publicKey: theirs });
      });
    },
  };
}

/** What comes before the key itself in a SubjectPublicKeyInfo (RFC 8410 §4). */
const montgomeryPrefix = {
  x25519: Buffer.from("302a300506032b656e032100", "hex"),
  x448: Buffer.from("3042300506032b656f033900", "hex"),
} as const;

/** OpenSSL throws for points that are not on the curve and for secrets that are all zero (RFC 8446 §7.4.2). */
function orNull(compute: () => Buffer): Buffer | null {
  try {
    return compute();
  } catch {
    return null;
  }
}
