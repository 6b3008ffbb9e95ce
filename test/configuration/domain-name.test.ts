import { describe, expect, it } from "vitest";
import { readDomainName } from "../../lambda/configuration/domain-name.ts";

const label63 = "a".repeat(63);

describe("readDomainName", () => {
  it.each([
    ["api.example.com", "api.example.com"],
    ["API.Example.COM", "api.example.com"],
    ["api.example.com.", "api.example.com"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["my_service.example.com", "my_service.example.com"],
    ["4.4.example.com", "4.4.example.com"],
    ["example.0xcom", "example.0xcom"],
    [`${label63}.example.com`, `${label63}.example.com`],
    [`${`${label63}.`.repeat(3)}${"a".repeat(61)}`, `${`${label63}.`.repeat(3)}${"a".repeat(61)}`],
    ["localhost", "localhost"],
  ])("takes %s", (text, name) => {
    expect(readDomainName(text)).toEqual({ kind: "name", name });
  });

  it.each([
    ["", "is empty"],
    [".", "is empty"],
    ["example.com..", "has an empty label"],
    [".example.com", "has an empty label"],
    ["a..example.com", "has an empty label"],
    ["api .example.com", "contains a space or a character that is not ASCII"],
    ["api.example.com\n", "contains a space or a character that is not ASCII"],
    ["bücher.example", "contains a space or a character that is not ASCII"],
    // The Kelvin sign, whose lower case is the letter k.
    ["\u212Aube.example.com", "contains a space or a character that is not ASCII"],
    [`a${label63}.example.com`, "has a label of more than 63 characters"],
    [`${`${label63}.`.repeat(3)}${"a".repeat(62)}`, "has 254 characters, more than the 253 of a domain name"],
    ["https://api.example.com", "contains a colon"],
    ["[2001:db8::1]", "contains a colon"],
    ["api.example.com/path", "contains a character that no domain name has"],
    ["user@api.example.com", "contains a character that no domain name has"],
    ["*.example.com", "contains a character that no domain name has"],
    ["{{}}.example.com", "contains a character that no domain name has"],
    ["192.0.2.1", "is an IP address, not a domain name"],
    ["192.0.2.1.", "is an IP address, not a domain name"],
    ["127.1", "is an IP address, not a domain name"],
    ["2130706433", "is an IP address, not a domain name"],
    ["0x7f.0X1", "is an IP address, not a domain name"],
  ])("refuses %j", (text, message) => {
    expect(readDomainName(text)).toEqual({
      kind: "invalid",
      detail: expect.stringMatching(new RegExp(`" ${message}$`)),
    });
  });

  it("shows only the beginning of a long text", () => {
    const read = readDomainName(`${"a".repeat(1_000)} .example.com`);
    expect(read).toMatchObject({ kind: "invalid" });
    expect(JSON.stringify(read).length).toBeLessThan(200);
  });

  it.each([
    ["{{tenant}}.example.com", ["tenant"]],
    ["{{a}}.{{b}}.example.com", ["a", "b"]],
    ["{{a}}-{{a}}.example.com", ["a"]],
    [`{{${"p".repeat(1_000)}}}.example.com`, [`${"p".repeat(61)}...`]],
  ])("names the parameters of %.40s", (text, parameters) => {
    expect(readDomainName(text)).toEqual({ kind: "parameters", parameters });
  });
});
