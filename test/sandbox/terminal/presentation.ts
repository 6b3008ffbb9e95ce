import type { Account } from "../account.ts";

/** How the output of a command in the box looks on a page. */
export type Presentation = {
  /**
   * As the same output would look outside the box: port 443 for the origins' own ports, 80 for the one that speaks HTTP
   * only, addresses reserved for documentation (RFC 5737) for loopback, and dates as if the box had been started on a
   * certain day.
   */
  readonly shown: (output: string) => string;
};

/** The day of the page, to the hour. */
const day = Date.parse("2026-11-23T09:00:00Z");
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** @param started when the certificates of the account were made, milliseconds since the epoch */
export function presentationOf(account: Account, started: number): Presentation {
  const ports = new Map(
    account.origins.map(({ domain, port }) => [String(port), domain === "http-only.box.test" ? "80" : "443"]),
  );
  const isPort = new RegExp(`\\b(?:${[...ports.keys()].join("|")})\\b`, "g");
  return {
    shown: (output) =>
      withoutPorts(output.split("\n"), isPort, ports)
        .join("\n")
        .replaceAll(/\b127\.0\.0\.(?=\d)/g, "192.0.2.")
        .replaceAll(dates, (text) => moved(text, started)),
  };
}

/**
 * What no two runs have in common, each as one mark: times, sizes that depend on a signature, fingerprints, the version
 * of Node.
 */
export function masked(output: string): string {
  return output
    .replaceAll(/\b\d+ ms\b/g, "N ms")
    .replaceAll(/"ms": ?[\d.]+/g, '"ms": N')
    .replaceAll(/ time="[\d.]+"/g, ' time="N"')
    .replaceAll(/\b\d+ bytes came\b/g, "N bytes came")
    .replaceAll(/\b[0-9a-f]{64}\b/g, "SHA256")
    .replaceAll(/sha256 [0-9a-f]{16}\b/g, "sha256 SHA256")
    .replaceAll(/^\d\d:\d\d:\d\d(?= )/gm, "HH:MM:SS")
    .replaceAll(/\bNode \d+\.\d+\.\d+\b/g, "Node VERSION");
}

/** Ports are shorter outside the box: columns and the line under a heading are kept right. */
function withoutPorts(lines: readonly string[], isPort: RegExp, ports: ReadonlyMap<string, string>): readonly string[] {
  let lost = 0;
  return lines.map((line) => {
    if (/^=+$/.test(line)) return line.slice(lost);
    lost = 0;
    const replaced = line.replaceAll(isPort, (port) => {
      const other = ports.get(port) ?? port;
      lost += port.length - other.length;
      return other;
    });
    return isRow.test(line) ? replaced.replace(/^(\S+ +\S.*?) {3}/, `$1   ${" ".repeat(lost)}`) : replaced;
  });
}

/** Of the table: a verdict, an origin with what tells it from others, and a gap before the next column. */
const isRow = /^[A-Z]+(?:[ -][A-Z]+)? +\S+:\d+( as \S+)?( \([^)]*\))? {3}/;

const dates = /\b\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{3})?Z| \d\d:\d\d UTC)?/g;

function moved(text: string, started: number): string {
  if (text.length === 10)
    return new Date(Date.parse(text) - startOfDay(started) + startOfDay(day)).toISOString().slice(0, 10);
  const time = Date.parse(text.replace(" UTC", "Z").replace(" ", "T"));
  // Certificates are made, and commands run, within the hour after the start.
  const iso = new Date(Math.round((time - started + day) / hourMs) * hourMs).toISOString();
  if (text.endsWith("UTC")) return `${iso.slice(0, 16).replace("T", " ")} UTC`;
  return text.includes(".") ? iso : iso.replace(".000Z", "Z");
}

function startOfDay(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}
