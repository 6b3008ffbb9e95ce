import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostCodeBytes, readFunctionCode } from "../../lambda/configuration/function-code.ts";

const module = "import cf from 'cloudfront';\n";
const handler = (body: string) => `function handler(event) { var request = event.request; ${body} return request; }`;
const updates = "cf.updateRequestOrigin({ domainName: 'b.example.com' });";

describe("the code of a CloudFront function", () => {
  it.each([
    ["rewrites a URL", handler("if (request.uri.endsWith('/')) request.uri += 'index.html';")],
    ["is empty", ""],
    ["uses a key value store", `${module}const kvs = cf.kvs();\n${handler("await kvs.get('a');")}`],
    ["mentions a helper in a comment", `${module}${handler("// cf.updateRequestOrigin(\n/* statusCode: 302 */")}`],
    ["mentions it in a string", `${module}${handler("var a = \"cf.updateRequestOrigin(\" + 'it\\'s statusCode';")}`],
    ["mentions it in a template", `${module}${handler(`var a = \`statusCode \${request.uri} updateRequestOrigin\`;`)}`],
    ["mentions it in a regular expression", `${module}${handler("if (/updateRequestOrigin['\"/*]/.test(x)) y();")}`],
    ["has a word that only begins so", `${module}${handler("updateRequestOrigins(); statusCodes = 1;")}`],
    ["calls a function of its own", `function updateRequestOrigin() {}\n${handler("updateRequestOrigin();")}`],
    ["imports another module", `import cf from 'crypto';\n${handler(updates)}`],
    ["names the module elsewhere", `var a = ['cloudfront'];\n${handler(updates)}`],
    ["hides the name", `${module}${handler("cf['update' + 'RequestOrigin']({});")}`],
  ])("passes everything on where it %s", (_, code) => {
    expect(readFunctionCode(code)).toBe("passes-on");
  });

  it.each([
    ["a helper is called", `${module}${handler(updates)}`],
    ["an origin of the distribution is selected", `${module}${handler("cf.selectRequestOriginById('b');")}`],
    ["an origin group is made", `${module}${handler("cf.createRequestOriginGroup({});")}`],
    [
      "a helper is imported",
      `import { updateRequestOrigin } from "cloudfront";\n${handler("updateRequestOrigin({});")}`,
    ],
    ["the module is required", `const cf = require('cloudfront');\n${handler(updates)}`],
    ["the module is awaited", `const cf = await import("cloudfront");\n${handler(updates)}`],
    ["a helper is called in a template", `${module}${handler(`log(\`\${cf.updateRequestOrigin({ a: {} })} \`);`)}`],
    ["in a template in a template", `${module}${handler(`log(\`\${\`\${cf.updateRequestOrigin({})}\`}\`);`)}`],
    ["after a comment mark in a string", `${module}${handler(`var a = "/*"; ${updates}`)}`],
    ["after a division", `${module}${handler(`var a = (b) / 2; ${updates} var c = d / 2;`)}`],
    ["after a quote in a regular expression", `${module}${handler(`a = b.replace(/"/g, ''); ${updates}`)}`],
    ["after a slash in a class", `${module}${handler(`if (/[/'"]/.test(a)) ${updates}`)}`],
    ["after an open quote", `${module}var a = '\n${handler(updates)}`],
    ["beside a response", `${module}${handler(`if (a) return { statusCode: 403 }; ${updates}`)}`],
  ])("may choose another origin where %s", (_, code) => {
    expect(readFunctionCode(code)).toBe("may-choose-origin");
  });

  it.each([
    ["an object has a statusCode", handler("if (a) return { statusCode: 302 };")],
    ["its name is quoted", handler("if (a) return { 'statusCode': 302 };")],
    ["it is set", handler("var r = {}; r.statusCode = 302; if (a) return r;")],
    ["it is a shorthand", handler("var statusCode = 302; if (a) return { statusCode };")],
  ])("may answer where %s", (_, code) => {
    expect(readFunctionCode(code)).toBe("may-answer");
  });

  it("is read to the end, whatever it is, and no further than its bound", () => {
    const results = ["passes-on", "may-answer", "may-choose-origin"];
    const pieces = ["`", "${", "}", "{", "/", "/*", "*/", "//", "'", '"', "\\", "\n", "[", "statusCode", "a", "=", "€"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 300 }), (some) => {
        expect(results).toContain(readFunctionCode(some.join("")));
      }),
    );
    expect(readFunctionCode(`${" ".repeat(mostCodeBytes)}statusCode`)).toBe("passes-on");
    for (const piece of pieces) {
      expect(results).toContain(readFunctionCode(piece.repeat(mostCodeBytes)));
      expect(results).toContain(readFunctionCode(`=/[${piece}`.repeat(mostCodeBytes)));
    }
  });
});
