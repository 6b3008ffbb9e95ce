import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

describe("a large plan", () => {
  const size = 24_000_000;
  const identity = '"mode":"managed","type":"aws_cloudfront_distribution","name":"cdn"';
  const parts: Readonly<Record<string, readonly [head: string, part: (index: number) => string, tail: string]>> = {
    "many distributions": [
      '{"format_version":"1.2","resource_changes":[',
      (index) =>
        `{"address":"aws_cloudfront_distribution.cdn[${index}]",${identity},"change":{"actions":["create"],"after":{"origin":[{"origin_id":"app","domain_name":"app${index}.example.com","custom_origin_config":[{"origin_protocol_policy":"https-only","origin_ssl_protocols":["TLSv1.2"]}]}],"default_cache_behavior":[{"target_origin_id":"app","viewer_protocol_policy":"https-only"}]}}}`,
      "]}",
    ],
    "many resources of other kinds": [
      '{"format_version":"1.2","resource_changes":[',
      (index) => `{"address":"aws_x.b${index}","type":"aws_x","change":{"after":{"tags":{"a":[1,2,{}]}}}}`,
      "]}",
    ],
    "one list without end": [
      `{"format_version":"1.2","resource_changes":[{"address":"x",${identity},"change":{"after":{"origin":[`,
      () => "{}",
      "]}}}]}",
    ],
    "many calls of modules": [
      '{"format_version":"1.2","resource_changes":[],"configuration":{"root_module":{"module_calls":{',
      (index) => `"${index}":{"module":{}}`,
      "}}}}",
    ],
  };

  it.each(Object.entries(parts))("takes less than six times its size: %s", (_, [head, part, tail]) => {
    const temporary = mkdtempSync(join(tmpdir(), "origin-watch-large-"));
    try {
      const file = join(temporary, "plan.json");
      const descriptor = openSync(file, "w");
      writeSync(descriptor, head);
      for (let index = 0, written = 0; written < size; ) {
        const chunk: string[] = [];
        for (let length = 0; length < 500_000; index += 1) {
          const text = `${index === 0 ? "" : ","}${part(index)}`;
          length += text.length;
          chunk.push(text);
        }
        written += writeSync(descriptor, chunk.join(""));
      }
      writeSync(descriptor, tail);
      closeSync(descriptor);
      const source = JSON.stringify(
        join(import.meta.dirname, "../../../bin/terminal/input/sources/read-terraform-file.ts"),
      );
      // The heap has 3.5 times the size of the file; the file and its text lie outside of it.
      const script = `import { readTerraformFile } from ${source};
const before = process.resourceUsage().maxRSS;
const read = readTerraformFile({ file: ${JSON.stringify(file)}, policiesFile: null, changedOnly: false });
console.log(JSON.stringify([read.kind, process.resourceUsage().maxRSS - before]));`;
      const child = spawnSync(
        process.execPath,
        ["--max-old-space-size=84", "--max-semi-space-size=2", "--input-type=module", "--eval", script],
        { encoding: "utf8" },
      );
      expect(child.stderr).toBe("");
      const [kind, kibibytes] = JSON.parse(child.stdout) as [string, number];
      expect(kind).toBe("configuration");
      expect(kibibytes * 1_024).toBeLessThan(6 * statSync(file).size);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  });
});
