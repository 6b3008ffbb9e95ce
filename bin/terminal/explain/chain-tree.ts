import { instant } from "../../../lambda/text/instant.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { span } from "../../../lambda/text/span.ts";
import { type Certificate, keyName, presentedNames, readCertificate } from "../../../lambda/x509/certificate.ts";
import { bestPath, isInOrder, isValidAt, type Path } from "../../../lambda/x509/path.ts";
import type { TrustAnchors } from "../../../lambda/x509/trust-anchors.ts";

const mostNames = 6;

/**
 * Draws the certificates that a server sent as the path that CloudFront can build from them: the leaf, below each
 * certificate its issuer, what is missing, and at the end what was sent and is not needed. Numbers are the order in
 * which they were sent.
 *
 * @param certificates DER in base64, as sent
 * @param now milliseconds since the epoch
 */
export function chainTree(certificates: readonly string[], anchors: TrustAnchors, now: number): readonly string[] {
  const readings = certificates.map((der) => readCertificate(Buffer.from(der, "base64")));
  const unreadable = readings.flatMap((reading, index) =>
    reading.kind === "unreadable" ? [`[${index + 1}] unreadable: ${printable(reading.problem, 200)}`] : [],
  );
  const sent = readings.flatMap((reading) => (reading.kind === "certificate" ? [reading.certificate] : []));
  const path = bestPath(sent, anchors, now);
  if (path === null) return unreadable;
  const onPath = path.certificates.flatMap((certificate, depth) => {
    const position = sent.indexOf(certificate);
    const lines = [head(position, certificate, now), ...(depth === 0 ? [names(certificate)] : [])];
    return lines.map(
      (line, index) => `${indent(depth)}${index === 0 && depth > 0 ? "`- " : depth > 0 ? "   " : ""}${line}`,
    );
  });
  const rest = sent.filter((certificate) => !path.certificates.includes(certificate));
  return [
    ...onPath,
    `${indent(path.certificates.length)}\`- ${ending(path, now)}`,
    ...orderRemark(path),
    ...(rest.length === 0
      ? []
      : ["not on this path:", ...rest.map((each) => `   ${head(sent.indexOf(each), each, now)}`)]),
    ...unreadable,
  ];
}

function indent(depth: number): string {
  return "   ".repeat(Math.max(0, depth - 1));
}

function head(position: number, certificate: Certificate, now: number): string {
  const { subject, key, signatureAlgorithm } = certificate;
  const about = `${keyName(key)}, signed with ${signatureAlgorithm.name}, ${validity(certificate, now)}`;
  return `[${position + 1}] ${printable(subject, 200)} (${about})`;
}

function validity(certificate: Certificate, now: number): string {
  const { notBefore, notAfter } = certificate;
  if (now < notBefore) return `valid from ${instant(notBefore)}: NOT YET`;
  if (!isValidAt(certificate, now)) return `valid until ${instant(notAfter)}: EXPIRED`;
  return `valid until ${instant(notAfter)}, ${span(notAfter - now)} left`;
}

function names(certificate: Certificate): string {
  const all = presentedNames(certificate);
  const shown = all.slice(0, mostNames).map((name) => printable(name, 253));
  const more = all.length > shown.length ? ` and ${all.length - shown.length} more` : "";
  return `names: ${shown.join(", ") || "none"}${more}`;
}

function ending({ end }: Path, now: number): string {
  switch (end.kind) {
    case "anchored":
      return `trust anchor ${printable(end.anchor.subject, 200)} (${validity(end.anchor, now)})`;
    case "foreign-root":
      return `ENDS HERE: ${printable(end.root.subject, 200)} signed itself and is no trust anchor`;
    case "issuer-missing": {
      const [published] = end.last.caIssuers;
      const where = published === undefined ? "" : `; according to it, published at ${printable(published, 300)}`;
      return `MISSING: ${printable(end.last.issuer, 200)} was not sent and is no trust anchor${where}`;
    }
    case "signature-refused":
      return `ENDS HERE: the key of ${printable(end.issuer.subject, 200)} did not sign ${printable(end.last.subject, 200)}`;
  }
}

function orderRemark(path: Path): readonly string[] {
  const { indices } = path;
  return isInOrder(path) ? [] : [`sent OUT OF ORDER: the path needs ${indices.map((index) => index + 1).join(", ")}`];
}
