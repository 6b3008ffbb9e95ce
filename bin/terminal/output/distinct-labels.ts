import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { counted } from "../../../lambda/text/phrase.ts";

/** The label of each connection: the origin and, where several have the same, what tells them apart. */
export function distinctLabels(
  records: readonly ConnectionRecord[],
  originLabel: (record: ConnectionRecord) => string,
): (record: ConnectionRecord) => string {
  const labels = new Map<ConnectionRecord, string>();
  for (const [label, alike] of Map.groupBy(records, originLabel)) {
    const settings = alike.map((record) => ({ record, each: settingsOf(record) }));
    for (const { record, each } of settings) {
      const own = each.filter((setting) => settings.some((other) => !other.each.includes(setting)));
      labels.set(record, own.length === 0 ? label : `${label} (${own.join(", ")})`);
    }
  }
  return (record) => labels.get(record) ?? originLabel(record);
}

/** What the key of a connection says besides its place, for people (lambda/plan/connection-key.ts). */
function settingsOf({ connection: { key } }: ConnectionRecord): readonly string[] {
  return key.split(" ").flatMap((word) => {
    const [, seconds] = /^timeout=([\d.]+)s$/.exec(word) ?? [];
    if (seconds !== undefined) return [`timeout ${seconds} s`];
    const [, attempts] = /^attempts=(\d+)$/.exec(word) ?? [];
    if (attempts !== undefined) return [counted(Number(attempts), "attempt")];
    if (word === "mtls") return ["client certificate"];
    if (word === "alpn=h2") return ["HTTP/2"];
    if (word === "ipv6" || word === "dualstack") return [word];
    return /^(?:SSLv3|TLSv1)[\w.,]*$/.test(word) ? word.split(",") : [];
  });
}
