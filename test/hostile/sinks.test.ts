import { spawnSync } from "node:child_process";
import { parseXML } from "@aws-sdk/xml-builder";
import { describe, expect, it } from "vitest";
import { junit } from "../../bin/terminal/output/junit.ts";
import { listing } from "../../bin/terminal/output/listing.ts";
import { terminalText } from "../../bin/terminal/output/print.ts";
import { boardOf } from "../../lambda/board/board.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import { html } from "../../lambda/pages/markup.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import { securityFindings } from "../../lambda/relay/security-finding.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { jsonLine, visibleJsonLine } from "../../lambda/text/json-line.ts";
import { printable, visible } from "../../lambda/text/printable.ts";
import { shellWord } from "../../lambda/text/shell-word.ts";
import {
  address,
  certificate,
  connectionRecord,
  finding,
  logGroup,
  place,
  region,
  report,
  runTime,
  scope,
  use,
} from "../tell/records.ts";
import { commandLines } from "./runners.ts";
import { hostileTexts } from "./texts.ts";

// Every kind of place into which text from outside is written, with an encoder of its own. What comes out is read as its
// reader reads it, and must be one piece of text there.

const texts = hostileTexts.map((text) => ({ text, named: JSON.stringify(text).slice(0, 60) }));
const now = new Date(runTime);

/** A failing connection that has the text wherever something from outside may be. */
function recordOf(text: string) {
  return connectionRecord(text, {
    verdict: "failing",
    uses: [
      use(text, { comment: text, aliases: [text], pathPatterns: [text], originId: text, distributionDomain: text }),
    ],
    findings: [
      finding("chain-incomplete", {
        title: text,
        explanation: text,
        remedy: [text],
        address: text,
        evidence: { expected: text, seen: [text, text] },
      }),
    ],
    observed: { addresses: [address(text, { address: text, chain: [certificate(text, { names: [text] })] })] },
    reproduce: `openssl s_client -servername ${shellWord(text)}`,
  });
}

const problem = (text: string) => ({ code: "out-of-time" as const, scope: null, message: text, remedy: text });
const reportOf = (text: string) => report([recordOf(text)], { problems: [problem(text)] });
const messagesOf = (text: string) =>
  step(null, reportOf(text), now, { ...defaultAlertPolicy, confirmations: 1 }).drafts.map((draft) =>
    renderDraft(draft, reportOf(text), { scope, region, logGroup, ...place }, [text]),
  );
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

it("has at least forty texts", () => {
  expect(hostileTexts.length).toBeGreaterThanOrEqual(40);
});

describe.each(texts)("$named", ({ text }) => {
  it("on a terminal and in the log of a pipeline is no command, no control and no line of its own", () => {
    const one = terminalText(`${printable(text, 10_000)}\n`);
    expect(one.split("\n")).toHaveLength(2);
    // Its colours are those of the program; texts have gone through printable before.
    const raw = terminalText(`${text}\n`).replaceAll("\u001b[31m", "");
    const listed = terminalText(listing([recordOf(text)], { quiet: false, sort: "verdict", now: +now, width: null }));
    for (const output of [one, raw, listed]) {
      expect(commandLines(output)).toEqual([]);
      expect(output.replaceAll("\n", "")).not.toMatch(unsafe);
    }
  });

  it("in JSON is the same text, on one line that no runner obeys", () => {
    const line = jsonLine({ [text]: [text] });
    expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ [text]: [text] })));
    expect(commandLines(`${line}\n`)).toEqual([]);
    expect(line).not.toMatch(unsafe);
  });

  it("in a log record is the text with what is invisible shown", () => {
    const line = visibleJsonLine({ comment: text });
    expect(JSON.parse(line)).toEqual({ comment: visible(text) });
    expect(visible(text)).not.toMatch(unsafe);
    expect(commandLines(`${line}\n`)).toEqual([]);
  });

  it("in JUnit is the value of attributes and the text of elements", () => {
    const xml = junit([recordOf(text)], [text]);
    const { testsuites } = parseXML(xml.replaceAll(/>\s+</g, "><")) as {
      testsuites: { testsuite: { testcase: readonly { classname: string; failure?: object; error?: object }[] } };
    };
    const cases = testsuites.testsuite.testcase;
    expect(cases.map((each) => Object.keys(each).toSorted())).toEqual([
      ["classname", "error", "name"],
      ["classname", "failure", "name", "time"],
    ]);
    expect(cases[0]?.error).toEqual({ message: xmlText(printable(text, 1_000)) });
    expect(cases[1]?.classname).toBe(xmlText(printable(`${text}:443`, 1_000)));
    expect(Object.keys(cases[1]?.failure ?? {}).toSorted()).toEqual(["#text", "message", "type"]);
    expect(commandLines(xml)).toEqual([]);
  });

  it("in HTML is one piece of text, as content and as a value", () => {
    const written = html`<p title="${text}">${text}</p>`.toString();
    expect(elementsIn(written)).toEqual(["p", "/p"]);
    const [, value = "", content = ""] = /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(written) ?? [];
    for (const each of [value, content]) expect(characters(each)).toBe(printable(text, 8_000));
    const page = pageOf(text.slice(0, 500));
    const plain = pageOf("plain");
    expect(elementsIn(page)).toEqual(elementsIn(plain));
  });

  it("in a command is one word of the shell", () => {
    const word = text.replaceAll("\0", "").toWellFormed();
    const { stdout } = spawnSync("sh", ["-c", `printf '<%s>' ${shellWord(word)}`]);
    expect(stdout.toString()).toBe(`<${word}>`);
    expect(shellWord(word)).not.toContain("##");
  });

  it("in a mail forges no line and no link, and in a subject stays in it", () => {
    for (const { text: mail, subject, short } of messagesOf(text)) {
      expect(mail.replaceAll("\n", "")).not.toMatch(unsafe);
      expect(mail.split("\n")).not.toContain("all is well");
      const links = mail.match(/\S*:\/\/\S*/g) ?? [];
      expect(
        links.filter((link) => !/^https:\/\/(docs\.aws|console\.aws|[a-z0-9-]+\.console\.aws)/.test(link)),
      ).toEqual([]);
      expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      expect(`${subject} ${short}`).not.toContain("://");
    }
  });

  it("in chat stands in code spans, of which none can end early", () => {
    for (const { chat } of messagesOf(text)) {
      const { content } = JSON.parse(chat ?? "") as {
        content: { title: string; description: string; nextSteps: readonly string[] };
      };
      for (const markdown of [content.title, content.description, ...content.nextSteps]) {
        const pieces = markdown.split("`");
        expect(pieces.length % 2).toBe(1);
        const outside = pieces.filter((_, index) => index % 2 === 0).join("");
        expect(outside).not.toMatch(/evil|channel|@here|\[|\]|[<>|]/);
        expect(markdown).not.toMatch(/[<>]/);
      }
    }
  });

  it("for programs is in one JSON document", () => {
    for (const { data, chat } of messagesOf(text)) {
      for (const json of [data, chat]) {
        expect(json).not.toMatch(unsafe);
        expect(JSON.parse(json ?? "")).toBeTypeOf("object");
      }
    }
  });

  it("in Security Hub is one line of plain text", () => {
    const told = step(null, reportOf(text), now, { ...defaultAlertPolicy, confirmations: 1 }).next;
    const found = securityFindings({ ...emptyState, incidents: told.incidents }, runTime, scope);
    expect(found).toHaveLength(1);
    for (const { title, description } of found) {
      expect(`${title}${description}`).not.toMatch(unsafe);
      expect(description).not.toContain("://");
    }
  });
});

function pageOf(text: string): string {
  return reportPage({ board: boardOf(reportOf(text)), openedAt: null, now: +now }, () => "x");
}

/** XML cannot hold these. */
function xmlText(text: string): string {
  return text.replaceAll(/[\ufffe\uffff]/g, "\ufffd");
}

function characters(html: string): string {
  return html.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

/** The tags of a page in their order, as a browser would find them, without those that only give a text its looks. */
function elementsIn(page: string): readonly string[] {
  const tags = [...page.matchAll(/<(!--|\/?[a-zA-Z][a-zA-Z0-9-]*)/g)].map(([, name = ""]) => name);
  return tags.filter((name) => !/^\/?(span|code)$/.test(name));
}
