import { kindOf, type Row, refusals } from "../test/certificates/table.ts";

const heading = "## The same certificates before three judges";

/** The section of docs/detection.md on what the product, OpenSSL and AWS's TLS library make of the same certificates. */
export function judgesSection(rows: readonly Row[]): string {
  const kinds = [...Map.groupBy(rows, kindOf)];
  const count = (of: readonly Row[], refusing: number, ...verdicts: readonly string[]) =>
    of.filter((row) => refusals(row) === refusing && verdicts.includes(row.verdict)).length;
  const columns = [
    { title: "both accept: healthy", of: (cases: readonly Row[]) => count(cases, 0, "healthy") },
    { title: "at risk", of: (cases: readonly Row[]) => count(cases, 0, "at-risk", "unknown") },
    { title: "failing", of: (cases: readonly Row[]) => count(cases, 0, "failing") },
    { title: "one refuses: healthy", of: (cases: readonly Row[]) => count(cases, 1, "healthy", "unknown") },
    { title: "at risk", of: (cases: readonly Row[]) => count(cases, 1, "at-risk") },
    { title: "failing", of: (cases: readonly Row[]) => count(cases, 1, "failing") },
    {
      title: "both refuse: not failing",
      of: (cases: readonly Row[]) => count(cases, 2, "healthy", "at-risk", "unknown"),
    },
    { title: "failing", of: (cases: readonly Row[]) => count(cases, 2, "failing") },
  ];
  const line = (title: string, cases: readonly Row[]) =>
    tableRow([title, String(cases.length), ...columns.map(({ of }) => shown(of(cases)))]);
  // Those judged as of another time are shown to OpenSSL alone, which can be told the time.
  const byTheClock = kinds.map(([kind, cases]) => [kind, cases.filter(({ aws }) => aws !== "-")] as const);
  const asOf = rows.filter(({ aws }) => aws === "-");
  const [accepted, refused] = [
    asOf.filter(({ openssl }) => openssl === "accepts"),
    asOf.filter(({ openssl }) => openssl !== "accepts"),
  ];
  const healthy = (of: readonly Row[]) => of.filter(({ verdict }) => verdict === "healthy").length;
  return [
    heading,
    "",
    "Made by `node bench/certificates.ts`; do not edit. Every certificate case of [test/certificates](../test/certificates) is",
    "shown to this check, to OpenSSL (its client, then `openssl verify` at its default level) and to AWS's own TLS library,",
    "s2n with AWS-LC, which the package `aws-crt` brings as a client. It is the nearest to CloudFront's own client that can",
    "be had. Where AWS documents nothing the rule is: refused by both, failing; refused by one, at risk. The table with a",
    "row for each case is [three-judges.tsv](../test/certificates/three-judges.tsv); a test compares this check with it.",
    "",
    tableRow(["kind", "cases", ...columns.map(({ title }) => title)]),
    tableRow(["---", "---:", ...columns.map(() => "---:")]),
    ...byTheClock.filter(([, cases]) => cases.length > 0).map(([kind, cases]) => line(kind, cases)),
    line(
      "**all**",
      byTheClock.flatMap(([, cases]) => cases),
    ),
    "",
    `What both accept and this check calls failing has a key that AWS's pages rule out; what it calls at risk there expires`,
    "soon, is not in the order that AWS asks for, has a key or a hash that AWS's pages leave open, or a common name of an old",
    `string type. ${asOf.length} more cases are judged as of another time, which OpenSSL alone can be told: this check calls ${healthy(refused)} of`,
    `the ${refused.length} that it refuses healthy, and ${healthy(accepted)} of the ${accepted.length} that it accepts.`,
    "",
  ].join("\n");
}

/** The page with the section in the place of the one that it has, or before the next heading that stands last. */
export function withSection(page: string, section: string): string {
  const before = page.includes(heading)
    ? page.slice(0, page.indexOf(heading))
    : page.slice(0, page.indexOf(nextHeading));
  return `${before}${section}\n${page.slice(page.indexOf(nextHeading))}`;
}

const nextHeading = "## What it costs";

function shown(count: number): string {
  return count === 0 ? "" : String(count);
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
