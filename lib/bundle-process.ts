import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

/**
 * Runs in a process of its own, because a construct cannot wait for a promise and esbuild takes plugins only with one:
 * bundles the entry point that it is told and writes the files as JSON to standard output.
 */
const projectRoot = join(import.meta.dirname, "..");

/**
 * What is done to the files of packages.
 *
 * The SDK describes each service in one file of constants, of which a function needs a few. They are written with
 * computed keys (`{ [_hH]: "x" }`, where `const _hH = "httpHeader"`), which could have side effects for all that
 * esbuild knows, and so it keeps the whole file. With the key in the place of its name it drops what is not used: a
 * tenth of the bundle. Another tenth are classes of errors, a class for each name, which nothing here asks for: an error
 * that the SDK has no class for is one of the service, with its name.
 *
 * What packages load dynamically is not bundled: the only one is for streams of events, which none of the calls has. It
 * would put a wrapper around each module that is loaded in this way or by one of those, which is most of the SDK; then
 * V8 parses them twice.
 *
 * Of a client's package.json, all but the version is dropped; and of the class for the streams of browsers everything,
 * because it makes Node load its own streams of the web.
 *
 * A source map of one entry stands for each file: the map in the asset covers the project's own code, which is
 * a fifth of it, and not that of packages.
 */
const packages: Plugin = {
  name: "packages",
  setup(bundling) {
    bundling.onResolve({ filter: /./, namespace: "file" }, ({ kind, path, importer }) =>
      kind === "dynamic-import" && isPackage.test(importer) ? { path, external: true } : undefined,
    );
    bundling.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]package\.json$/ }, ({ path }) => {
      const { version } = JSON.parse(readFileSync(path, "utf8")) as { readonly version: string };
      return { contents: JSON.stringify({ version }), loader: "json" };
    });
    bundling.onLoad({ filter: /[\\/]node_modules[\\/].*\.m?js$/ }, ({ path }) => {
      const contents = isForBrowsers.test(path) ? "export class ChecksumStream {}" : sourceOf(path);
      return { contents: `${contents}\n//# sourceMappingURL=data:application/json;base64,${noSource}`, loader: "js" };
    });
  },
};

function sourceOf(path: string): string {
  const source = readFileSync(path, "utf8");
  return isSchema.test(path) ? withoutErrors(withKnownKeys(source)) : source;
}

const isPackage = /[\\/]node_modules[\\/]/;
const isSchema = /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]\w+\.js$/;
const isForBrowsers = /[\\/]ChecksumStream\.browser\.js$/;
const oneLine = { version: 3, sources: ["package"], mappings: "AAAA" };
const noSource = Buffer.from(JSON.stringify(oneLine)).toString("base64");

/** The class for all errors of a service stays, and all of them where the service has other names for errors than the SDK. */
function withoutErrors(source: string): string {
  if (source.includes('"awsQueryError"')) return source;
  return source.replaceAll(/^\w+\.registerError\((?!\w+ServiceException\$).+\);$/gm, "");
}

function withKnownKeys(source: string): string {
  const constants = new Map(
    [...source.matchAll(/^const (\w+) = ("[^"\\\n]*");$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  return source.replace(/\[(\w+)\]:/g, (computed: string, name: string) => {
    const value = constants.get(name);
    return value === undefined ? computed : `${value}:`;
  });
}

const [, , entry = ""] = process.argv;
const { outputFiles, metafile } = await build({
  entryPoints: [entry],
  // Nothing is written here. The source map names sources relative to this path, and what it says must not depend on
  // where the project was cloned to or where the bundle goes: the hash of the asset covers it.
  outfile: join(projectRoot, "index.js"),
  write: false,
  absWorkingDir: projectRoot,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "cjs",
  mainFields: ["module", "main"],
  alias: { "@aws-sdk/credential-provider-node": join(projectRoot, "lambda", "aws", "environment-credentials.ts") },
  plugins: [packages],
  minify: true,
  sourcemap: "linked",
  sourcesContent: false,
  metafile: true,
  // A character beyond Latin-1 would make the whole text twice as large in memory.
  charset: "ascii",
  logLevel: "silent",
});
const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
process.stdout.write(JSON.stringify({ files: outputFiles.map(({ path, text }) => ({ path, text })), used }));
