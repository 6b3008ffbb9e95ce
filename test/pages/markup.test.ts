import { describe, expect, it } from "vitest";
import { html, jsonContent, link, type Markup, styleElement } from "../../lambda/pages/markup.ts";
import { attacks } from "./boards.ts";

/** As a browser reads a text of nothing but character references. */
function read(markup: string): string {
  return markup.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

describe("html", () => {
  it.each(attacks)("leaves nothing of %s that a browser would take for markup", (attack) => {
    const written = html`<p title="${attack}">${attack}</p>`.toString();
    const [, value = "", content = ""] = /^<p title="([^"]*)">([^<]*)<\/p>$/.exec(written) ?? [];
    expect(value).not.toMatch(/[<>'`]/);
    expect(value).toBe(content);
    expect(read(value)).toBe(
      attack.replace(/[\0\ud800\u202e\u2028]/g, (unit) => `\\u{${unit.charCodeAt(0).toString(16)}}`),
    );
  });

  it("escapes a reference too, so that a text shows as it is", () => {
    expect(html`${"&lt; &amp;#60;"}`.toString()).toBe("&#38;lt; &#38;amp;#60;");
  });

  it("takes markup and lists of it as they are, numbers, and nothing for null", () => {
    const items = ["a<", "b"].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${null}${3}`.toString()).toBe("<ul><li>a&#60;</li><li>b</li></ul>3");
  });

  it("takes nothing for markup that only looks like it", () => {
    const forged = { toString: () => "<script>", "#html": "<script>" } as unknown as Markup;
    expect(() => html`${forged}`).toThrow();
    // @ts-expect-error: a plain object is no markup
    expect(() => html`${{ toString: () => "<b>" }}`).toThrow();
  });

  it.each([
    ["a tag's name", () => html`<${"b"}>`],
    ["an attribute's name", () => html`<b ${"onclick"}="1">`],
    ["a value without quotes", () => html`<b title=${"x"}>`],
    ["a value in single quotes", () => html`<b title='${"x"}'>`],
    ["a handler", () => html`<b onclick="${"x"}">`],
    ["a style", () => html`<b style="${"x"}">`],
    ["an address", () => html`<a href="${"javascript:x"}">x</a>`],
    ["a source", () => html`<img src="${"x"}">`],
    ["a document in a frame", () => html`<iframe srcdoc="${"x"}">`],
    ["a script", () => html`<script>${"x"}</script>`],
    ["a style sheet", () => html`<style>a {} ${"x"}</style>`],
    ["a comment", () => html`<!-- ${"x"} -->`],
  ])("refuses a text as %s", (_, template) => {
    expect(template).toThrow("nothing may be put here");
  });

  it("refuses markup as a value", () => {
    expect(() => html`<b title="${html`<i>`}">`).toThrow("markup cannot be the value of an attribute");
  });

  it("lets an address lead to a place on the same page", () => {
    expect(html`<a href="#${'x" onclick="y'}">x</a>`.toString()).toBe(`<a href="#x&#34; onclick=&#34;y">x</a>`);
  });

  it("cuts what is endless", () => {
    expect(html`${"x".repeat(1_000_000)}`.toString()).toHaveLength(8_000);
  });
});

describe("link", () => {
  it("leads to the web and nowhere else", () => {
    expect(link("https://docs.aws.amazon.com/x?a=1&b", "x").toString()).toBe(
      `<a href="https://docs.aws.amazon.com/x?a=1&#38;b" rel="noreferrer">x</a>`,
    );
    for (const address of [
      "javascript:x",
      "JAVASCRIPT:x",
      " https://x",
      "http://x",
      "//x",
      "data:text/html,x",
      "https:",
      "https://",
    ]) {
      expect(link(address, "<x>").toString()).toBe("&#60;x&#62;");
    }
  });

  it("cannot leave its attribute", () => {
    expect(link(`https://x" onmouseover="y`, "x").toString()).not.toContain(`" on`);
  });
});

describe("jsonContent", () => {
  it.each(attacks)("says %s in JSON without a character that HTML knows", (attack) => {
    const written = jsonContent({ domain: attack, [attack]: [attack, 1, null] }).toString();
    expect(written).toMatch(/^[\x20-\x7e]*$/);
    expect(written).not.toMatch(/[<>&']/);
    expect(JSON.parse(written)).toEqual({ domain: attack, [attack]: [attack, 1, null] });
  });
});

describe("styleElement", () => {
  it("holds a style sheet and nothing that would end it", () => {
    expect(styleElement("a > b { color: red }").toString()).toBe("<style>a > b { color: red }</style>");
    expect(() => styleElement("</style>")).toThrow("cannot hold tags");
    expect(() => styleElement("<!--")).toThrow("cannot hold tags");
  });
});
