import { projectAddress } from "./project-address.ts";
import { version } from "./version.ts";

/**
 * How this program names itself to whoever it asks: what it is, where that is explained, and on whose behalf it runs. It
 * names no account, because everybody between may read it.
 */

export function userAgentOf(release: string, address: string | null): string {
  const about = [...(address === null ? [] : [`+${address}`]), "checks origins for the owner of this distribution"];
  return `OriginWatch/${release} (${about.join("; ")})`;
}

export const userAgent = userAgentOf(version, projectAddress);
