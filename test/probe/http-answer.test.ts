import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AnswerReading, answerReader } from "../../lambda/probe/http-answer.ts";

function read(text: string | Buffer, method: "HEAD" | "GET" = "GET", chunk = Number.POSITIVE_INFINITY): AnswerReading {
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text, "latin1");
  const reader = answerReader(method);
  for (let at = 0; at < bytes.length; at += chunk) {
    const reading = reader.push(bytes.subarray(at, Math.min(at + chunk, bytes.length)));
    if (reading.kind !== "more") return reading;
  }
  return { kind: "more" };
}

function answerOf(text: string, method: "HEAD" | "GET" = "GET") {
  const reading = read(text, method);
  return reading.kind === "answer" ? reading.answer : reading;
}

const ok = "HTTP/1.1 200 OK\r\n";

describe("an answer", () => {
  it("is a status, headers and the beginning of the body", () => {
    const text = `${ok}X-Cache:  Miss from cloudfront \r\nVia: a\r\nvia: b\r\nContent-Length: 2\r\n\r\nhi and more`;
    expect(answerOf(text)).toEqual({
      status: 200,
      headers: new Map([
        ["x-cache", "Miss from cloudfront"],
        ["via", "a, b"],
        ["content-length", "2"],
      ]),
      body: "hi",
    });
  });

  it("is whole with the headers of a HEAD, whatever length they promise", () => {
    expect(answerOf(`${ok}Content-Length: 99999999999\r\n\r\n`, "HEAD")).toMatchObject({ status: 200, body: null });
  });

  it("comes after interim answers", () => {
    expect(answerOf(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok}A: b\r\n\r\n`, "HEAD")).toMatchObject({
      status: 200,
      headers: new Map([["a", "b"]]),
    });
  });

  it("has the text of its chunks", () => {
    const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nGene\r\n5;x=y\r\nrated\r\n0\r\n\r\n`;
    expect(answerOf(chunked)).toMatchObject({ body: "Generated" });
  });

  it("has no more than 4 KiB of body", () => {
    const endless = read(Buffer.concat([Buffer.from(`${ok}\r\n`), Buffer.alloc(1_000_000, "x")]), "GET", 1_000);
    expect(endless.kind === "answer" && endless.answer.body?.length).toBe(4_096);
    const chunks = "1\r\nx\r\n".repeat(100_000);
    const many = read(`${ok}Transfer-Encoding: chunked\r\n\r\n${chunks}`, "GET", 1_000);
    expect(many.kind === "answer" && (many.answer.body?.length ?? 0)).toBeLessThanOrEqual(4_096);
    const huge = read(`${ok}Transfer-Encoding: chunked\r\n\r\nffffffff\r\n${"x".repeat(9_000)}`, "GET", 1_000);
    expect(huge.kind === "answer" && huge.answer.body?.length).toBe(4_096);
  });

  it("has no body that can be read in a coding that nobody asked for", () => {
    expect(answerOf(`${ok}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi`)).toMatchObject({ body: null });
    expect(answerOf(`${ok}Content-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi`)).toMatchObject({ body: "hi" });
  });

  it.each([204, 304])("with status %i has none", (status) => {
    expect(answerOf(`HTTP/1.1 ${status} \r\nContent-Length: 9\r\n\r\n`)).toMatchObject({ body: "" });
  });

  it("ends with the connection where nothing else says so", () => {
    const reader = answerReader("GET");
    expect(reader.push(Buffer.from(`${ok}\r\nhi`))).toEqual({ kind: "more" });
    expect(reader.end()).toMatchObject({ kind: "answer", answer: { body: "hi" } });
  });

  it("is the same in whatever pieces it comes", () => {
    const text = `HTTP/1.1 100 Continue\r\n\r\n${ok}A: b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: text.length }), (chunk) => {
        expect(read(text, "GET", chunk)).toEqual(read(text));
      }),
    );
  });
});

describe("what is no answer", () => {
  it.each<[what: string, text: string]>([
    ["another protocol", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["a status that is none", "HTTP/1.1 700 X\r\n\r\n"],
    ["a status without its line", "HTTP/1.1 20\r\n\r\n"],
    ["a change of protocol", "HTTP/1.1 101 Switching\r\n\r\n"],
    ["a control character in the status line", "HTTP/1.1 200 \u{1b}[2J\r\n\r\n"],
    ["a header without a name", `${ok}: x\r\n\r\n`],
    ["a space in a name", `${ok}a b: x\r\n\r\n`],
    ["a space before the colon", `${ok}a : x\r\n\r\n`],
    ["a folded header", `${ok}a: x\r\n y\r\n\r\n`],
    ["a line feed by itself", `${ok}a: x\nb: y\r\n\r\n`],
    ["a carriage return by itself", `${ok}a: x\rb: y\r\n\r\n`],
    ["a NUL in a value", `${ok}a: \0\r\n\r\n`],
    ["two lengths", `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`],
    ["a negative length", `${ok}Content-Length: -1\r\n\r\nx`],
    ["a length beside chunks", `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["an unknown transfer coding", `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ["a chunk that is none", `${ok}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
    ["headers of 16 KiB", `${ok}a: ${"x".repeat(16 * 1024)}\r\n\r\n`],
    ["10,000 headers", `${ok}${"a: b\r\n".repeat(10_000)}\r\n`],
    ["300 short headers", `${ok}${"a: b\r\n".repeat(300)}\r\n`],
    ["interim answers without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000)],
  ])("is %s", (_, text) => {
    expect(read(text, "GET", 1_000)).toMatchObject({
      kind: "invalid",
      problem: expect.stringMatching(/^[ -~]{5,80}$/),
    });
  });

  it("is one that ends in its headers", () => {
    const reader = answerReader("HEAD");
    reader.push(Buffer.from(`${ok}a: b\r\n`));
    expect(reader.end()).toMatchObject({ kind: "invalid" });
  });

  it("is never waited for beyond the bounds, whatever bytes come", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), (bytes, withHead) => {
        const many = Buffer.alloc(40_000, Buffer.from(bytes));
        const all = withHead ? Buffer.concat([Buffer.from(`${ok}\r\n`), many]) : many;
        expect(read(all, "GET", 1_024).kind).not.toBe("more");
      }),
      { numRuns: 200 },
    );
  });
});
