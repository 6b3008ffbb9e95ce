import { join, relative } from "node:path";
import { type Identifier, type Node, SyntaxKind } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";
import { describe, expect, it } from "vitest";

/**
 * One word for one thing: files, types, functions, and all else that has a name, are called by the words of RFCs, of AWS
 * and of people on call. Words that are this project's alone stay away.
 */

const root = join(import.meta.dirname, "..");

/** What not to write, as the words of a name, and what to write. */
const dialect: readonly (readonly [words: string, better: string])[] = [
  ["around", "context"],
  ["audible", "unmuted"],
  ["blind", "not checked"],
  ["complain", "report"],
  ["complaint", "message, error"],
  ["confess", "report"],
  ["course", "history, progress"],
  ["dial", "connect"],
  ["dialled", "connected"],
  ["dialler", "connector"],
  ["fate", "outcome"],
  ["hampered", "incomplete"],
  ["hiding", "gap"],
  ["look", "check, snapshot, lookup"],
  ["looked", "checked"],
  ["made up", "sample"],
  ["meant", "expected"],
  ["news", "changes"],
  ["or notice", "notice on fault"],
  ["patience", "limit, timeout"],
  ["sighting", "finding, occurrence"],
  ["spot", "entry"],
  ["standing", "update, status"],
  ["storm", "many together"],
  ["suppose", "apply, change"],
  ["supposed", "changed"],
  ["supposition", "change"],
  ["surroundings", "context"],
  ["suspicion", "unconfirmed finding"],
  ["telling", "alert, delivery"],
  ["trouble", "problem"],
  ["what there is", "available names"],
  ["wrong", "invalid, unexpected"],
  ["yourself", "verify"],
];

/** Where a word is right, and what it means there. */
type Sense = { readonly names: RegExp; readonly files?: RegExp; readonly meaning: string };

const published: readonly Sense[] = [
  {
    names: /^(blindSpots|blindSpotsTold|sightings|suspicions|tellings)$/,
    meaning: "fields of the state and of messages, which other versions and other people's programs read",
  },
  { names: /^(neverDial|NEVER_DIAL)$/, meaning: "a context key and a property of the construct" },
  { names: /^trouble$/, files: /^(lambda|test)\/(functions|insights|telemetry)\//, meaning: "a field of log records" },
];

/** Words that once meant many things, and the senses that are left. */
const senses: readonly (readonly [word: string, senses: readonly Sense[]])[] = [
  [
    "endpoint",
    [
      {
        names:
          /^(VpcOriginEndpoint(Config)?|vpc_origin_endpoint_config|readVpcOriginEndpoint|withEndpoints|endpoints?)$/,
        files:
          /^(bench|lambda\/(aws|configuration|plan|judge\/findings\/vpc-origin)|test\/(aws|configuration|functions\/vpc-(box|origins)|judge|plan|sandbox\/account-details|tell\/samples))\b/,
        meaning: "how CloudFront reaches a VPC origin: VpcOriginEndpointConfig of AWS's API",
      },
      {
        names: /^(AwsEndpoint(Options)?|startAwsEndpoint|AWS_ENDPOINT_URL(_CLOUDFRONT)?|endpoint)$/,
        files: /^test\/(aws|functions|pages|sandbox)\//,
        meaning: "the URL of an AWS service, as the SDKs have it",
      },
      { names: /^Endpoint$/, files: /^test\/lib\//, meaning: "where a subscription of SNS leads" },
    ],
  ],
  [
    "report",
    [
      { names: /^(RunReport|runReport|reportOf|reports?|arbitraryReport|ReportScript)$/, meaning: "what a run found" },
      {
        names: /^(htmlReport|reportPage|reportStyle|ReportContent|reportOf|writeDemoReport)$/,
        files: /^(bin\/terminal\/output|lambda\/pages|test\/pages|test\/sandbox)\//,
        meaning: "the page of it",
      },
    ],
  ],
  ["span", [{ names: /^(span|exactSpan)$/, files: /^lambda\/text\/span\.ts$/, meaning: "how long, in words" }]],
];

/** A name with the file in which it is declared, and with its words: ` see it yourself ` of `seeItYourself`. */
type Name = { readonly name: string; readonly file: string; readonly words: string };

const declareNothing: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.ImportSpecifier,
  SyntaxKind.ImportAttribute,
  SyntaxKind.MetaProperty,
  SyntaxKind.PropertyAccessExpression,
]);

const names = declaredNames();

/** The names of all declarations, and the parts of the paths of their files. */
function declaredNames(): readonly Name[] {
  const api = new API({ cwd: root });
  const config = join(root, "tsconfig.json");
  const program = api.updateSnapshot({ openProject: config }).getProject(config)?.program;
  const found = new Map<string, Name>();
  for (const path of program?.getSourceFileNames() ?? []) {
    const file = relative(root, path).replaceAll("\\", "/");
    const source = /^(bench|bin|lambda|lib|test)\/.*\.ts$/.test(file) ? program?.getSourceFile(path) : undefined;
    for (const part of source === undefined ? [] : file.split("/")) add(part, file);
    source?.forEachChild(function visit(node: Node): void {
      const name = declaredName(node);
      if (name !== undefined) add(name.text, file);
      node.forEachChild(visit);
    });
  }
  api.close();
  return [...found.values()];

  function add(name: string, file: string): void {
    const id = `${file} ${name}`;
    if (!found.has(id)) found.set(id, { name, file, words: wordsOf(name) });
  }
}

function declaredName(node: Node): Identifier | undefined {
  if (declareNothing.has(node.kind) || !("name" in node)) return undefined;
  const { name } = node as Node & { readonly name: Node | undefined };
  return name?.kind === SyntaxKind.Identifier ? (name as Identifier) : undefined;
}

function wordsOf(name: string): string {
  const apart = name.replaceAll(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$1$2 ");
  return ` ${apart.replaceAll(/[^A-Za-z0-9]+/g, " ").toLowerCase()} `;
}

function has({ words }: Pick<Name, "words">, wanted: string): boolean {
  return words.includes(` ${wanted} `) || words.includes(` ${wanted}s `);
}

function hasSense({ name, file }: Name, of: readonly Sense[]): boolean {
  return of.some((sense) => sense.names.test(name) && (sense.files === undefined || sense.files.test(file)));
}

describe("the reader of names", () => {
  it("reads every folder, and what is declared on every level", () => {
    for (const folder of ["bench", "bin", "lambda", "lib", "test"]) {
      expect(names.some(({ file }) => file.startsWith(`${folder}/`))).toBe(true);
    }
    const declared = names.filter(({ file }) => file === "test/names.test.ts").map(({ name }) => name);
    expect(declared).toEqual(expect.arrayContaining(["names.test.ts", "Sense", "meaning", "senses", "add", "part"]));
  });

  it.each([
    ["seeItYourself", " see it yourself "],
    ["TLSFate", " tls fate "],
    ["ALERT_AROUND_X509", " alert around x509 "],
    ["tell-what-there-is.ts", " tell what there is ts "],
  ])("takes %s apart", (name, words) => {
    expect(wordsOf(name)).toBe(words);
  });
});

describe("names", () => {
  it.each(dialect)("do not say %s, but %s", (words) => {
    const bad = names.filter((each) => has(each, words) && !hasSense(each, published));
    expect(bad.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
  });

  it.each(senses)("use `%s` in its listed senses only", (word, allowed) => {
    const bad = names.filter((each) => has(each, word) && !each.name.includes(".") && !hasSense(each, allowed));
    expect(
      bad.filter(({ name, file }) => !file.includes(`/${name}/`)).map(({ name, file }) => `${file}: ${name}`),
    ).toEqual([]);
  });

  it.each([...published, ...senses.flatMap(([, of]) => of)])("need the exception for $meaning", (sense) => {
    expect(names.some((each) => hasSense(each, [sense]))).toBe(true);
  });
});
