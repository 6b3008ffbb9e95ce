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

/** A template whose origin has this name. */
const named = (name: string) => head.replace("a.example.com", name);

/** Nine times ten of what comes before, so that all of it is a thousand million. */
const aliased = (nest: (of: string) => string) =>
  Array.from(
    { length: 10 },
    (_, depth) => `X${depth}: &x${depth} ${depth === 0 ? "x" : nest(filled(`*x${depth - 1},`, 40).slice(0, -1))}\n`,
  ).join("");

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
  // What is short in a template, and long or many once it is worked out.
  "lists of one list": () => `${aliased((of) => `[${of}]`)}${head.slice(0, head.indexOf("Origins:"))}Origins: *x9\n`,
  "merges of one mapping": () =>
    `M: &m {${numbered(50_000, (index) => `a${index}: 1,`)}}\nL: { <<: [${filled("*m,", 20_000)}] }`,
  "a text of one text": () =>
    `T: &t ${filled("t", 5_000)}\nJ: &j !Join ["", [${filled("*t,", 15_000)}]]\n${named(`!Join ["", [${filled("*j,", 150)}]]`)}`,
  "a text of one parameter": () =>
    `Parameters: { P: { Type: String, Default: ${filled("p", 5_000)} } }\n${named(`!Sub "${filled(`$${"{P}"}`, 400_000)}"`)}`,
  "turns of a loop": () =>
    `Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::L:\n    - V\n    - [${numbered(400_000, (index) => `${index}${filled("v", 1_000)},`)}]\n    - { "D\${V}": { Type: AWS::CloudFront::Distribution, Properties: { DistributionConfig: { Comment: "${filled(`$${"{V}"}`, 400)}" } } } }\n`,
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
