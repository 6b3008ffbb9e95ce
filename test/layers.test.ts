import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

type Import = {
  /** Path of the importing file from the root of the project. */
  readonly file: string;
  /** Path of the imported file from the root of the project, or the name of a package or of a module of Node. */
  readonly target: string;
  /** `import type`, which leaves nothing behind at run time. */
  readonly typeOnly: boolean;
};

/** What the files of a layer may import besides each other. */
type Layer = {
  readonly layers: readonly string[];
  /** Packages, with `*` for everything under a scope. */
  readonly packages?: readonly string[];
  /** No module of Node, no clock and no environment: everything comes in as an argument. */
  readonly pure: boolean;
};

const layers: Readonly<Record<string, Layer>> = {
  "lambda/text": { layers: [], pure: true },
  "lambda/contract": { layers: ["text"], pure: true },
  "lambda/tls": { layers: [], pure: false },
  "lambda/x509": { layers: ["text"], pure: false },
  "lambda/cloudfront": { layers: ["tls"], pure: true },
  "lambda/configuration": { layers: ["text"], pure: true },
  "lambda/plan": { layers: ["configuration", "cloudfront", "text"], pure: true },
  "lambda/probe": { layers: ["cloudfront", "text", "tls", "witness"], pure: false },
  "lambda/observe": {
    layers: ["configuration", "cloudfront", "contract", "plan", "probe", "text", "witness"],
    packages: ["valibot"],
    pure: false,
  },
  "lambda/judge": { layers: ["plan", "probe", "cloudfront", "text", "x509"], pure: true },
  "lambda/report": {
    layers: ["configuration", "judge", "plan", "probe", "cloudfront", "text", "witness", "x509"],
    pure: true,
  },
  "lambda/run.ts": {
    layers: ["configuration", "judge", "observe", "plan", "probe", "report", "text"],
    pure: true,
  },
  "lambda/witness": { layers: ["cloudfront", "configuration", "plan", "text"], pure: true },
  "lambda/weighing": { layers: ["configuration", "judge", "report", "text", "witness"], pure: true },
  "lambda/memory": {
    layers: ["configuration", "judge", "probe", "report", "text", "witness"],
    packages: ["valibot"],
    pure: true,
  },
  "lambda/incidents": {
    layers: ["configuration", "contract", "report", "judge", "plan", "probe", "text"],
    packages: ["valibot"],
    pure: true,
  },
  "lambda/tell": { layers: ["configuration", "incidents", "report", "judge", "text"], pure: true },
  "lambda/board": { layers: ["configuration", "report", "judge", "text"], packages: ["valibot"], pure: true },
  "lambda/pages": {
    layers: ["board", "incidents", "report", "judge", "plan", "text"],
    packages: ["valibot"],
    pure: true,
  },
  "lambda/telemetry": {
    layers: ["board", "contract", "incidents", "memory", "report", "judge", "text", "weighing"],
    packages: ["@aws-lambda-powertools/*"],
    pure: false,
  },
  "lambda/relay": {
    layers: ["configuration", "incidents", "report", "judge", "text"],
    packages: ["valibot"],
    pure: true,
  },
  "lambda/pagerduty": { layers: ["relay"], pure: false },
  "lambda/aws": {
    layers: ["board", "configuration", "contract", "incidents", "memory", "plan", "relay", "report", "text", "witness"],
    packages: ["@aws-sdk/*"],
    pure: false,
  },
  "lambda/functions": {
    layers: [
      "aws",
      "board",
      "configuration",
      "contract",
      "incidents",
      "memory",
      "observe",
      "pagerduty",
      "pages",
      "probe",
      "relay",
      "report",
      "run.ts",
      "telemetry",
      "tell",
      "text",
      "weighing",
      "witness",
      "x509",
    ],
    packages: ["aws-lambda"],
    pure: false,
  },
};

const files = ["bin", "lambda", "lib"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/")),
);
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
const imports = files.flatMap(importsOf);

/** Static imports and re-exports, which are all that there are: the first test sees to that. */
function importsOf(file: string): Import[] {
  const statement = /^(?:import|export)\s+(type\s)?(?:[^;"']*?\sfrom\s+)?"([^"]+)"/gm;
  return [...(sources.get(file) ?? "").matchAll(statement)].map(([, type, specifier = ""]) => ({
    file,
    target: specifier.startsWith(".") ? join(dirname(file), specifier).replaceAll("\\", "/") : specifier,
    typeOnly: type !== undefined,
  }));
}

function isOfProject(target: string): boolean {
  return sources.has(target) || /^(?:\.\.|bin|bench|lambda|lib|test)\//.test(target);
}

/** `lambda/plan` for `lambda/plan/plan.ts`, and `lambda/run.ts` for itself. */
function layerOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
}

function shown({ file, target, typeOnly }: Import): string {
  return `${file} imports ${typeOnly ? "types of " : ""}${target}`;
}

function offences(offends: (each: Import) => boolean): string[] {
  return imports.filter(offends).map(shown);
}

/** The groups of nodes that reach each other by these edges, each sorted, and nodes with an edge to themselves. */
function circles(edges: readonly (readonly [from: string, to: string])[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const [from, to] of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
  const reach = new Map([...targets.keys()].map((node) => [node, reachedFrom(node)]));
  const groups = [...reach].flatMap(([node, reached]) =>
    reached.has(node) ? [[...reached].filter((other) => reach.get(other)?.has(node)).sort()] : [],
  );
  return groups.filter(([first], index) => groups.findIndex(([other]) => other === first) === index);

  function reachedFrom(start: string): ReadonlySet<string> {
    const reached = new Set<string>();
    const next = [start];
    for (let node = next.pop(); node !== undefined; node = next.pop()) {
      for (const target of targets.get(node) ?? []) if (!reached.has(target)) next.push(target);
      for (const target of targets.get(node) ?? []) reached.add(target);
    }
    return reached;
  }
}

function isAllowedPackage(name: string, allowed: readonly string[]): boolean {
  return allowed.some((one) => (one.endsWith("/*") ? name.startsWith(one.slice(0, -1)) : name === one));
}

const loadsOnDemand = /^bin\/terminal\/(commands|commands\/(?:check|explain)|input\/sources\/[\w-]+)\.ts$/;

describe("the reader of imports", () => {
  it("sees every import that there is", () => {
    expect(imports.length).toBeGreaterThan(300);
    for (const [file, source] of sources) {
      const written = source.match(/\bfrom\s+["']/g) ?? [];
      expect([file, importsOf(file).length]).toEqual([file, written.length]);
      // The commands of the terminal, what reads its sources and what writes files are loaded when they are wanted.
      const dynamic = loadsOnDemand.test(file)
        ? source.replaceAll(/await import\("\.\.?\/[\w/-]+\.ts"\)/g, "")
        : source;
      expect([file, dynamic.match(/\b(?:import|require|createRequire)\s*\(/g)]).toEqual([file, null]);
    }
  });

  it("knows the layer of every file in lambda/", () => {
    const unknown = files.filter((file) => file.startsWith("lambda/") && layers[layerOf(file)] === undefined);
    expect(unknown).toEqual([]);
  });
});

describe("the layers", () => {
  it.each(Object.entries(layers))("%s imports what it may and nothing else", (layer, { layers: allowed }) => {
    const known = [...allowed.map((name) => `lambda/${name}`), layer];
    const offending = offences(
      ({ file, target }) => layerOf(file) === layer && isOfProject(target) && !known.includes(layerOf(target)),
    );
    expect(offending).toEqual([]);
  });

  it.each(Object.entries(layers))("%s is allowed only what it uses", (layer, { layers: allowed, packages = [] }) => {
    const used = imports.filter(({ file }) => layerOf(file) === layer).map(({ target }) => target);
    const idle = [
      ...allowed.filter((name) => !used.some((target) => layerOf(target) === `lambda/${name}`)),
      ...packages.filter((name) => !used.some((target) => isAllowedPackage(target, [name]))),
    ];
    expect(idle).toEqual([]);
  });

  it("keeps lambda/ away from lib/, bin/, test/ and bench/", () => {
    const offending = offences(
      ({ file, target }) => file.startsWith("lambda/") && isOfProject(target) && !target.startsWith("lambda/"),
    );
    expect(offending).toEqual([]);
  });

  it("shows lib/ of lambda/ only what the two agree on", () => {
    const allowed = /^(?:lib|lambda\/contract)\//;
    const offending = offences(
      ({ file, target }) => file.startsWith("lib/") && isOfProject(target) && !allowed.test(target),
    );
    expect(offending).toEqual([]);
  });

  it("keeps bin/ away from test/ and bench/", () => {
    expect(offences(({ file, target }) => file.startsWith("bin/") && /^(?:\.\.|test|bench)\//.test(target))).toEqual(
      [],
    );
  });

  it("reaches lambda/aws from the entry points and bin/ only", () => {
    const offending = offences(
      ({ file, target }) =>
        layerOf(target) === "lambda/aws" &&
        layerOf(file) !== "lambda/aws" &&
        layerOf(file) !== "lambda/functions" &&
        !file.startsWith("bin/"),
    );
    expect(offending).toEqual([]);
  });

  it("imports an AWS SDK in lambda/aws only", () => {
    const offending = offences(
      ({ file, target }) => /^(?:@aws-sdk|@smithy)\//.test(target) && layerOf(file) !== "lambda/aws",
    );
    expect(offending).toEqual([]);
  });

  it("imports packages only where they are needed", () => {
    const offending = offences(({ file, target }) => {
      const packages = layers[layerOf(file)]?.packages ?? [];
      const isPackage = !isOfProject(target) && !target.startsWith("node:");
      return layers[layerOf(file)] !== undefined && isPackage && !isAllowedPackage(target, packages);
    });
    expect(offending).toEqual([]);
  });
});

describe("circles", () => {
  const edges = imports.filter(({ target }) => isOfProject(target));

  it("are found where there is one", () => {
    const planted = [
      ["a.ts", "b.ts"],
      ["b.ts", "c.ts"],
      ["c.ts", "b.ts"],
      ["d.ts", "d.ts"],
    ] as const;
    expect(circles(planted)).toEqual([["b.ts", "c.ts"], ["d.ts"]]);
    expect(circles(planted.slice(0, 2))).toEqual([]);
  });

  it("do not exist between files, imports of types included", () => {
    expect(circles(edges.map(({ file, target }) => [file, target]))).toEqual([]);
  });

  it("do not exist between folders, imports of types included", () => {
    const between = edges
      .filter(({ file }) => file.startsWith("lambda/"))
      .map(({ file, target }) => [layerOf(file), layerOf(target)] as const)
      .filter(([from, to]) => from !== to);
    expect(circles(between)).toEqual([]);
  });
});

describe("the pure layers", () => {
  const pure = files.filter((file) => layers[layerOf(file)]?.pure === true);

  it("import no module of Node", () => {
    expect(offences(({ file, target }) => pure.includes(file) && target.startsWith("node:"))).toEqual([]);
  });

  it("read no clock, no chance and no environment", () => {
    const reads = /\b(?:Date\.now|new Date\(\)|performance\.|Math\.random|process\.|setTimeout|setInterval|fetch\()/g;
    const found = pure.flatMap((file) => (sources.get(file)?.match(reads) ?? []).map((what) => `${file}: ${what}`));
    expect(found).toEqual([]);
  });
});

describe("docs/architecture.md", () => {
  it("shows the layers as they are enforced here", () => {
    const text = readFileSync(join(root, "docs", "architecture.md"), "utf8");
    const rows = [...text.matchAll(/^\| `(lambda\/[^`]+)` \|[^|]*\|([^|]*)\|$/gm)];
    const documented = rows.map(([, layer, cell = ""]) => [
      layer,
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    ]);
    const enforced = Object.entries(layers)
      .filter(([layer]) => layer !== "lambda/functions/watch-settings.ts")
      .map(([layer, { layers: allowed }]) => [layer, allowed]);
    expect(documented).toEqual(enforced);
  });
});
