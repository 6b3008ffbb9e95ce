import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../bin/terminal/output/html-report.ts";
import { boardOf } from "../../lambda/board/board.ts";
import { reportPage } from "../../lambda/pages/report-page.ts";
import { report } from "../tell/records.ts";
import { countOf, fleet } from "../tell/situations.ts";
import { boardFrom, failing, healthy, mixed, now, withCounts } from "./boards.ts";

const page = reportPage({ board: mixed, openedAt: null, now }, sha256);

describe("the report", () => {
  it("allows nothing but the style sheet that it carries", () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'");
    const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    expect(policy).toBe(`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`);
    expect(page.match(/<style/g)).toHaveLength(1);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(/);
  });

  it("counts in its title what is wrong", () => {
    expect(page).toContain("<title>Origin Watch: 1 origin failing, 2 at risk (111122223333 prod)</title>");
  });

  it("has what CloudFront counts before the origins, where it counts errors", () => {
    const counts = reportPage({ board: withCounts, openedAt: null, now }, sha256);
    const places = ["31.1% of requests get 502", "Errors of another kind", "What needs attention"];
    expect(counts).toContain(
      "<title>Origin Watch: 1 origin failing, 3 at risk, 1 distribution with errors (111122223333 prod)</title>",
    );
    expect(places.map((place) => counts.indexOf(place) > 0)).toEqual([true, true, true]);
    expect(places.toSorted((a, b) => counts.indexOf(a) - counts.indexOf(b))).toEqual(places);
    expect(page).not.toContain("Errors that CloudFront counts");
  });

  it("leads from a distribution to the console of its partition, and from none that is not known", () => {
    const console = "https://console.aws.amazon.com/cloudfront/v4/home?region=us-east-1#/distributions/E1SHOP";
    expect(page).toContain(`<h3><a href="${console}" rel="noreferrer">E1SHOP</a> `);
    expect(page).toContain(`<b><a href="${console}" rel="noreferrer">E1SHOP</a></b>`);
    const where = (partition: string | null) => {
      const uses = failing.uses.map((each) => ({ ...each, scope: { ...each.scope, partition } }));
      const records = [{ ...failing, uses }];
      return reportPage({ board: boardFrom(records), openedAt: null, now }, sha256);
    };
    expect(where(null)).toContain("<h3>E1SHOP ");
    expect(where("aws-iso")).toContain("<h3>E1SHOP ");
    expect(where("aws-cn")).toContain(
      '<h3><a href="https://console.amazonaws.cn/cloudfront/v4/home?region=cn-northwest-1#',
    );
  });

  it("has with a distribution the share of requests that failed, where CloudFront counted any", () => {
    const counting = (requests: number, errors: number) => {
      const witness = { traffic: [{ distributionId: "E2BLOG", ...countOf(requests, errors) }] };
      const html = reportPage({ board: boardFrom([{ ...failing, witness }]), openedAt: null, now }, sha256);
      return html.slice(html.indexOf('<h2 id="distributions">')).match(/<p>CloudFront counted [^<]*/g);
    };
    expect(counting(42_310, 762)).toEqual([
      "<p>CloudFront counted 5xx on 1.8% of 42,310 requests, 2026-11-23 02:52 to 03:07 UTC.",
    ]);
    expect(counting(42_310, 0)).toBeNull();
  });

  it("lists what is muted, as much as there is room for", () => {
    const muted = Array.from({ length: 302 }, (_, index) => `<${index}> is muted`);
    const html = reportPage({ board: mixed, openedAt: new Map(), muted, now }, sha256);
    expect(html).toContain("<li>&#60;0&#62; is muted</li>");
    expect(html).toContain("<li>and 2 more findings</li>");
    expect(page).not.toContain("Muted now");
  });

  it("says below it whose account it is, and from where it was checked", () => {
    expect(page).toContain('<p class="ow-run">Account prod (111122223333), checked from eu-west-1</p>');
  });

  it("leads from each row of a distribution to everything about the origin", () => {
    const anchors = [...page.matchAll(/href="#(origin-\d+)"/g)].map(([, anchor]) => anchor);
    expect(new Set(anchors).size).toBe(6);
    for (const anchor of anchors) expect(page.split(`id="${anchor}"`)).toHaveLength(2);
  });

  it("says as of when it was judged, if that is another time", () => {
    expect(page).not.toContain("Judged as of");
    const later = reportPage({ board: mixed, openedAt: null, now: Date.UTC(2027, 0, 31, 12) }, sha256);
    expect(later).toMatch(/Judged as of <time[^>]*>2027-01-31 12:00 UTC</);
  });

  it("says what had no room", () => {
    const board = { ...boardFrom([failing]), recordsLeftOut: 7 };
    expect(reportPage({ board, openedAt: null, now }, sha256)).toContain("7 connections had no room here");
  });

  it("does without distributions", () => {
    const board = boardOf(report([{ ...healthy, uses: [] }], { distributions: 0 }));
    const alone = reportPage({ board, openedAt: null, now }, sha256);
    expect(alone).toContain("<h1>All clear</h1>");
    expect(alone).toContain("1 origin, checked");
    expect(alone).not.toContain("By distribution");
    expect(alone).not.toContain("What needs attention");
  });

  it("says a cause that three origins share once, with the first step, and each origin below it", () => {
    const [group, pair] = [fleet(3, "failing"), fleet(2, "failing")].map((records) =>
      reportPage({ board: boardFrom(records), openedAt: null, now }, sha256),
    );
    expect(group?.match(/<article/g)).toHaveLength(1);
    expect(group).toMatch(/<h3>3 origins: [^<]*refuses connections/i);
    expect(group?.match(/Do first:/g)).toHaveLength(1);
    for (const index of [1, 2, 3]) expect(group).toContain(`<b>origin-${index}.example.com</b>`);
    expect(pair?.match(/<article/g)).toHaveLength(2);
  });

  it("draws when certificates expire, and says the same in words", () => {
    const drawn = reportPage({ board: boardFrom(fleet(8, "healthy")), openedAt: null, now }, sha256);
    expect(drawn).toContain(
      '<title id="timeline">8 certificates to expire in 91 days: 5 after 28 to 35 days and 3 after 35 to 42 days</title>',
    );
    expect(drawn.match(/<rect/g)).toHaveLength(2);
    expect(drawn).toContain("<summary>3 more certificates within 91 days</summary>");
  });

  it("maps each behavior to its origin, the default one last", () => {
    const map = page.slice(page.indexOf("Map: which behavior"));
    const shop = map.slice(map.indexOf("<h3>E1SHOP "), map.indexOf("</section>", map.indexOf("<h3>E1SHOP ")));
    expect(shop).toMatch(/class="ow-route ow-some ow-failing" data-verdicts="failing"><code>\/api\/\*<\/code>/);
    expect(shop).toMatch(/ow-healthy" data-verdicts="healthy"><code>\/static\/\*<\/code>/);
    const blog = map.slice(map.indexOf("<h3>E2BLOG "));
    expect(blog).toMatch(/<code>default \(\*\)<\/code>/);
  });

  it("does without origins", () => {
    expect(reportPage({ board: boardFrom([]), openedAt: null, now }, sha256)).toContain("<h1>No origin to check</h1>");
  });
});
