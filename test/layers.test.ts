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
  /** Layers of which only types may be imported. */
  readonly types?: readonly string[];
  /** Packages, with `*` for everything under a scope. */
  readonly packages?: readonly string[];
  /** No module of Node, no clock and no environment: everything comes in as an argument. */
  readonly pure: boolean;
};

const layers: Readonly<Record<string, Layer>> = {
  "lambda/environment.ts": { layers: [], pure: true },
  "lambda/text": { layers: [], pure: true },
  "lambda/tls": { layers: ["text"], pure: false },
  "lambda/x509": { layers: ["text", "tls"], pure: false },
  "lambda/cloudfront": { layers: ["text", "tls", "x509"], pure: true },
  "lambda/plan": { layers: ["cloudfront", "text"], pure: true },
  "lambda/probe": { layers: ["cloudfront", "text", "tls", "x509"], pure: false },
  "lambda/judge": { layers: ["plan", "probe", "cloudfront", "text", "tls", "x509"], pure: true },
  "lambda/report": { layers: ["judge", "text"], types: ["plan", "tell"], pure: true },
  "lambda/incidents": {
    layers: ["report", "judge", "plan", "probe", "cloudfront", "text", "x509"],
    types: ["tell"],
    packages: ["valibot"],
    pure: true,
  },
  "lambda/tell": {
    layers: ["report", "judge", "plan", "probe", "cloudfront", "text", "x509"],
    types: ["incidents"],
    pure: true,
  },
  "lambda/telemetry": {
    layers: ["incidents", "report", "tell"],
    types: ["board"],
    packages: ["@aws-lambda-powertools/*"],
    pure: false,
  },
  "lambda/relay": {
    layers: ["environment.ts", "report", "text"],
    types: ["incidents", "judge"],
    packages: ["valibot"],
    pure: true,
  },
  "lambda/board": {
    layers: ["environment.ts", "report", "judge", "text"],
    types: ["incidents", "plan", "tell"],
    packages: ["valibot"],
    pure: true,
  },
  "lambda/aws": {
    layers: ["board", "incidents", "plan", "relay", "tell", "text"],
    packages: ["@aws-sdk/*"],
    pure: false,
  },
  "lambda/run.ts": { layers: ["cloudfront", "judge", "plan", "probe", "tell", "text"], pure: true },
  "lambda/settings.ts": { layers: ["environment.ts", "incidents"], packages: ["valibot"], pure: false },
};

/** Where environment becomes adapters: the functions' entry points. */
const roots = ["lambda/handler.ts", "lambda/relay-handler.ts", "lambda/widget-handler.ts"];

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

function isAllowedPackage(name: string, allowed: readonly string[]): boolean {
  return allowed.some((one) => (one.endsWith("/*") ? name.startsWith(one.slice(0, -1)) : name === one));
}

describe("the reader of imports", () => {
  it("sees every import that there is", () => {
    expect(imports.length).toBeGreaterThan(300);
    for (const [file, source] of sources) {
      const written = source.match(/\bfrom\s+["']/g) ?? [];
      expect([file, importsOf(file).length]).toEqual([file, written.length]);
      // The commands of the terminal are loaded when they are wanted.
      const dynamic =
        file === "bin/terminal/commands.ts" ? source.replaceAll(/await import\("\.\/[\w-]+\.ts"\)/g, "") : source;
      expect([file, dynamic.match(/\b(?:import|require|createRequire)\s*\(/g)]).toEqual([file, null]);
    }
  });

  it("knows the layer of every file in lambda/", () => {
    const unknown = files.filter((file) => file.startsWith("lambda/") && layers[layerOf(file)] === undefined);
    expect(unknown).toEqual(roots);
  });
});

describe("the layers", () => {
  it.each(Object.entries(layers))(
    "%s imports what it may and nothing else",
    (layer, { layers: allowed, types = [] }) => {
      const known = [...allowed.map((name) => `lambda/${name}`), layer];
      const knownTypes = types.map((name) => `lambda/${name}`);
      const wrong = offences(
        ({ file, target, typeOnly }) =>
          layerOf(file) === layer &&
          isOfProject(target) &&
          !known.includes(layerOf(target)) &&
          !(typeOnly && knownTypes.includes(layerOf(target))),
      );
      expect(wrong).toEqual([]);
    },
  );

  it("keeps lambda/ away from lib/, bin/, test/ and bench/", () => {
    const wrong = offences(
      ({ file, target }) => file.startsWith("lambda/") && isOfProject(target) && !target.startsWith("lambda/"),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps lib/ to itself", () => {
    const wrong = offences(
      ({ file, target }) => file.startsWith("lib/") && isOfProject(target) && !target.startsWith("lib/"),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps bin/ away from test/ and bench/", () => {
    expect(offences(({ file, target }) => file.startsWith("bin/") && /^(?:\.\.|test|bench)\//.test(target))).toEqual(
      [],
    );
  });

  it("reaches lambda/aws from the entry points and bin/ only", () => {
    const wrong = offences(
      ({ file, target }) =>
        layerOf(target) === "lambda/aws" &&
        layerOf(file) !== "lambda/aws" &&
        !roots.includes(file) &&
        !file.startsWith("bin/"),
    );
    expect(wrong).toEqual([]);
  });

  it("imports an AWS SDK in lambda/aws only", () => {
    const wrong = offences(
      ({ file, target }) => /^(?:@aws-sdk|@smithy)\//.test(target) && layerOf(file) !== "lambda/aws",
    );
    expect(wrong).toEqual([]);
  });

  it("imports packages only where they are needed", () => {
    const wrong = offences(({ file, target }) => {
      const packages = layers[layerOf(file)]?.packages ?? [];
      const isPackage = !isOfProject(target) && !target.startsWith("node:");
      return layers[layerOf(file)] !== undefined && isPackage && !isAllowedPackage(target, packages);
    });
    expect(wrong).toEqual([]);
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
    const rows = [...text.matchAll(/^\| `(lambda\/[^`]+)` \|[^|]*\|([^|]*)\|$/gm)].filter(
      ([, layer = ""]) => !roots.includes(layer),
    );
    const documented = rows.map(([, layer, cell = ""]) => [
      layer,
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    ]);
    const enforced = Object.entries(layers)
      .filter(([layer]) => layer !== "lambda/settings.ts")
      .map(([layer, { layers: allowed, types = [] }]) => [layer, [...types, ...allowed]]);
    expect(documented).toEqual(enforced);
  });
});
