import type { Connection } from "../plan/connection.ts";
import { sampleLabel } from "../plan/viewer-hosts.ts";

/**
 * A name of a connection as people know it: the wildcard in place of the sample that was made of it, which nobody has in
 * a certificate and no viewer asks for. Where the distribution's own name is unknown, its form stands for it.
 */
export function toldName(name: string, { sampled }: Pick<Connection, "sampled">): string {
  if (!sampled || !name.startsWith(`${sampleLabel}.`)) return name;
  const parent = name.slice(sampleLabel.length);
  return parent === ".cloudfront.net" ? `dxxxx${parent}` : `*${parent}`;
}
