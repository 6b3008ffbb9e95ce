import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { billOfMaterials, licenseText, packagesOf } from "../../lib/bundled-packages.ts";
import { bundleHandler, type HandlerBundle, handlerEntry, handlerNames } from "../../lib/handler-bundle.ts";

let bundle: HandlerBundle;
let widget: HandlerBundle;
let all: readonly HandlerBundle[];
beforeAll(() => {
  all = handlerNames.map((name) => bundleHandler(undefined, handlerEntry(name)));
  [bundle, widget] = [all[handlerNames.indexOf("watch")]!, all[handlerNames.indexOf("status-board")]!];
});
afterAll(() => {
  for (const { directory } of all) rmSync(directory, { recursive: true, force: true });
});

/** What the files of the asset take in a zip, give or take the headers. */
function zipped(directory: string): number {
  return readdirSync(directory)
    .map((file) => deflateRawSync(readFileSync(join(directory, file)), { level: 6 }).length + 2 * (file.length + 50))
    .reduce((sum, bytes) => sum + bytes, 0);
}

describe("the bundle", () => {
  it("stays small: a cold start reads all of it", () => {
    // It grew with the foreseen verdicts of two TLS libraries, the memory of runs, state version 3, words for a phone, what
    // an origin's past says, and what edge functions may do, what CloudFront counts, with its words and its client, and what it answers,
    // and the clients of STS, Organizations and Lambda with what several accounts, Regions and workers need, and how these share the state; it shrank by the SDK's classes of errors.
    expect(bundle.bytes).toBeLessThan(948_000);
    expect(zipped(bundle.directory)).toBeLessThan(540 * 1024);
  });

  it("is one byte a character: a wider one would double it in memory", () => {
    expect(readFileSync(join(bundle.directory, "index.js")).every((byte) => byte < 128)).toBe(true);
  });

  it("runs its modules as they stand: wrapped ones would be parsed twice", () => {
    const text = readFileSync(join(bundle.directory, "index.js"), "utf8");
    const loadedLater = [...text.matchAll(/\bimport\("(?!node:)([^"]+)"\)/g)].map(([, name]) => name);
    expect(loadedLater).toEqual(["@smithy/core/event-streams"]);
    expect(text).not.toMatch(/Promise\.resolve\(\)\.then\(\(\)=>\(/);
  });

  it("has of the SDK what it uses: no profiles and no sign-in", () => {
    const names = new Set(packagesOf(bundle.used).map(({ name }) => name));
    expect(names).toContain("@aws-sdk/client-cloudfront");
    expect([...names].filter((name) => /credential-provider|nested-clients|token-providers/.test(name))).toEqual([]);
    expect(bundle.used).toContain("lambda/aws/environment-credentials.ts");
  });

  it("maps its own code back to its sources, and packages to one line", () => {
    const map = JSON.parse(readFileSync(join(bundle.directory, "index.js.map"), "utf8")) as { sources: string[] };
    expect(map.sources).toContain("lambda/incidents/tell.ts");
    expect(map.sources.filter((source) => source.includes("node_modules") && source.endsWith("js"))).toEqual([]);
  });
});

describe("the bundle of the status board", () => {
  it("is half as large, because somebody waits for its cold start", () => {
    expect(widget.bytes).toBeLessThan(310_000);
    expect(zipped(widget.directory)).toBeLessThan(140 * 1024);
    expect(readFileSync(join(widget.directory, "index.js")).every((byte) => byte < 128)).toBe(true);
  });

  it("has of the SDK the S3 client alone, and nothing that probes or tells", () => {
    const names = packagesOf(widget.used).map(({ name }) => name);
    expect(names.filter((name) => /client-|powertools/.test(name))).toEqual(["@aws-sdk/client-s3"]);
    // What an observation is, and what vantages are called; it connects to nothing.
    const ofProbes = "lambda/probe/observation.ts";
    expect(widget.used.filter((path) => /^lambda\/(plan|probe|tls|x509|telemetry|relay)\//.test(path))).toEqual([
      ofProbes,
    ]);
    expect(readFileSync(join(widget.directory, "index.js"), "utf8")).not.toContain("PutObject");
  });
});

describe("the licences of what is bundled", () => {
  it("are known, permit it, and are listed for every package of every function", () => {
    const packages = packagesOf(all.flatMap(({ used }) => used));
    expect(packages.length).toBeGreaterThan(10);
    for (const { name, license } of packages)
      expect([name, license]).toEqual([
        name,
        expect.stringMatching(/^(Apache-2\.0|MIT|MIT-0|0BSD|ISC|BSD-[23]-Clause)$/),
      ]);
    const text = licenseText(packages);
    for (const { name, version } of packages) expect(text).toContain(`${name}@${version} (`);
    expect(text).toContain("Permission is hereby granted, free of charge");
    const { components } = JSON.parse(billOfMaterials(packages, "1.0.0")) as { components: { purl: string }[] };
    expect(components.map(({ purl }) => purl)).toContain(
      `pkg:npm/%40aws-sdk/client-cloudfront@${packages.find(({ name }) => name === "@aws-sdk/client-cloudfront")?.version}`,
    );
  });
});
