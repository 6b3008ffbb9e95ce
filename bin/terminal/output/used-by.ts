import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { printable } from "../../../lambda/text/printable.ts";

const mostListed = 8;

/** Who depends on a connection, in a line; and of a template, with which answers to its open conditions. */
export function usedBy({ distributionId, pathPatterns, aliases, onlyWhere }: ConnectionRecord["uses"][number]): string {
  const on = aliases.length > 0 ? ` on ${listed(aliases)}` : "";
  const where =
    onlyWhere === undefined ? "" : `, only where ${onlyWhere.map((each) => printable(each, 200)).join(" or ")}`;
  const paths = pathPatterns.length > 0 ? ` for ${listed(pathPatterns)}` : "";
  return `used by ${printable(distributionId, 64)}${paths}${on}${where}`;
}

function listed(items: readonly string[]): string {
  const shown = items.slice(0, mostListed).map((item) => printable(item, 100));
  return [...shown, ...(items.length > mostListed ? [`${items.length - mostListed} more`] : [])].join(", ");
}
