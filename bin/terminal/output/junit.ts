import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { worstFindings } from "./listing.ts";
import { usedBy } from "./used-by.ts";

/**
 * The result as JUnit XML, which GitLab, Jenkins and the like show. An origin is a class and each connection to it a
 * test: what fails is a failure, what could not be checked is skipped, a risk passes with a remark, because a build that
 * breaks on a certificate with two weeks to live helps nobody.
 */
export function junit(records: readonly ConnectionRecord[], problems: readonly string[]): string {
  const count = (verdict: ConnectionRecord["verdict"]) => records.filter((record) => record.verdict === verdict).length;
  const tests = records.length + problems.length;
  const attributes = {
    name: "origin-watch",
    tests,
    failures: count("failing"),
    errors: problems.length,
    skipped: count("unknown") + count("skipped"),
  };
  const cases = [
    ...problems.map((problem, index) =>
      element("testcase", { classname: "configuration", name: `could be read (${index + 1})` }, [
        element("error", { message: problem }, []),
      ]),
    ),
    ...records.map(testCase),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", {}, [element("testsuite", attributes, cases)])}\n`;
}

function testCase(record: ConnectionRecord): string {
  const { connection, verdict, skipped, observed, uses } = record;
  const users = [...new Set(uses.map(({ distributionId }) => distributionId))].join(", ");
  const name = `${kindOf(connection)}${users === "" ? "" : `, used by ${users}`}`;
  const seconds = observed.addresses.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  const attributes = { classname: `${connection.domain}:${connection.port}`, name, time: seconds.toFixed(3) };
  const findings = worstFindings(record);
  const title = findings.map((finding) => `${finding.code}: ${finding.title}`).join("; ");
  const details = detailsOf(record);
  switch (verdict) {
    case "failing":
      return element("testcase", attributes, [
        element("failure", { type: findings[0]?.code ?? "failing", message: title }, [escaped(details)]),
      ]);
    case "at-risk":
      return element("testcase", attributes, [element("system-out", {}, [escaped(`At risk.\n${details}`)])]);
    case "unknown":
      return element("testcase", attributes, [element("skipped", { message: `not checked: ${title}` }, [])]);
    case "skipped":
      return element("testcase", attributes, [element("skipped", { message: skipped ?? "not judged" }, [])]);
    case "healthy":
      return element("testcase", attributes, []);
  }
}

/** Where the server name is not known, it is a TLS connection all the same. */
function kindOf({ key, serverName }: ConnectionRecord["connection"]): string {
  if (serverName !== null) return `TLS as ${serverName}`;
  return key.startsWith("http://") ? "HTTP" : "TLS";
}

function detailsOf(record: ConnectionRecord): string {
  const { reproduce, uses } = record;
  const findings = worstFindings(record);
  const users = uses.map(usedBy);
  const lines = findings.flatMap(({ code, title, explanation, remedy, address, source }) => [
    `${code}${address === null ? "" : ` at ${address}`}: ${title}`,
    explanation,
    ...remedy.map((step) => `- ${step}`),
    source,
  ]);
  return [...users.slice(0, 20), ...lines, ...(reproduce === null ? [] : [`verify: ${reproduce}`])]
    .map((line) => printable(line, 1_500))
    .join("\n");
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content: readonly string[],
): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(printable(String(value), 1_000))}"`,
  );
  return `<${name}${written.join("")}>${content.join("\n")}</${name}>`;
}

/**
 * XML 1.0 has no way to write most control characters; `printable` has taken them away. Where the file gets into the log
 * of a pipeline, no line of it is a command (print.ts).
 */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll(/#(?=#)/g, "&#35;")
    .replaceAll(/^( *):(?=:)/gm, "$1&#58;")
    .replace(/\p{Cs}|[\ufffe\uffff]/gu, "\ufffd");
}
