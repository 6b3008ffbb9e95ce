import { createHash } from "node:crypto";

/** A name with at most so many characters: of two long ones that begin alike the short forms differ by a hash. */
export function shortenedName(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, longest - hash.length - 1)}-${hash}`;
}
