import { readDocuments } from "../../../bin/terminal/input/documents.ts";
import { readTemplates } from "../../../lambda/configuration/read-template.ts";

/**
 * A program for a process with little memory: reads templates as large as CloudFormation takes, made of what
 * takes a parser most, and writes what became of each.
 */

const megabyte = 1024 * 1024;
const head = `Resources:
  D:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        DefaultCacheBehavior: { TargetOriginId: a }
        Origins:
          - { Id: a, DomainName: a.example.com, CustomOriginConfig: { OriginProtocolPolicy: https-only } }
`;

/** Repeated as often as it fits into so many characters, or so often. */
const filled = (text: string, size: number) => text.repeat(Math.floor(size / text.length));
const numbered = (size: number, each: (index: number) => string) =>
  Array.from({ length: Math.floor(size / each(10_000).length) }, (_, index) => each(index)).join("");

const yaml: Readonly<Record<string, (size: number) => string>> = {
  items: (size) => `${head}Metadata: [${filled("a,", size)}]\n`,
  "empty mappings": (size) => `${head}Metadata: [${filled("{},", size)}]\n`,
  "nested lists": (size) => `${head}Metadata: [${filled("[[[[[[[[[[a]]]]]]]]]],", size)}]\n`,
  "nested dashes": (size) => `${head}Metadata:\n${filled(`  ${"- ".repeat(90)}a\n`, size)}`,
  lines: (size) => `${head}Metadata:\n${filled("  - a\n", size)}`,
  "a text": (size) => `${head}Metadata: '${filled("a b ", size)}'\n`,
  origins: (size) => head + filled("          - { Id: a, DomainName: a.example.com }\n", size),
  parameters: (size) => `${head}Parameters:\n${numbered(size, (index) => `  P${index}: { Type: String }\n`)}`,
  conditions: (size) =>
    `Conditions:\n${numbered(size, (index) => `  C${index}: !Equals [!Ref AWS::Region, x${index}]\n`)}${head}`,
  choices: (size) =>
    [
      "Parameters: { P: { Type: String } }\nConditions: { C: !Equals [!Ref P, a] }\n",
      head,
      filled("          - !If [C, !Ref P, !Ref AWS::NoValue]\n", size),
    ].join(""),
};

const json: Readonly<Record<string, (size: number) => string>> = {
  "empty objects": (size) => `{"Resources":{},"Metadata":[${filled("{},", size)}0]}`,
  "empty lists": (size) => `{"Resources":{},"Metadata":[${filled("[],", size)}0]}`,
  names: (size) => `{"Resources":{},"Metadata":{${numbered(size, (index) => `"k${index}":{},`)}"z":0}}`,
  escapes: (size) => `{"Resources":{},"Metadata":"${filled("\\u0041", size)}"}`,
  brackets: (size) => `{"Resources":${filled("[", size)}`,
};

// Concatenation makes a text of many parts, which one from a file is not.
const flat = (text: string) => Buffer.from(text).toString("latin1");

for (const [name, make] of Object.entries({ ...yaml, ...json })) {
  for (const size of [0.2 * megabyte, 1.05 * megabyte]) {
    const documents = readDocuments(flat(make(size)), true);
    const result =
      documents.kind === "unreadable"
        ? documents.problem
        : readTemplates([{ name: "", path: "", template: documents.values[0] }], new Map()).kind;
    process.stdout.write(`${JSON.stringify([name, size / megabyte, result])}\n`);
  }
}
