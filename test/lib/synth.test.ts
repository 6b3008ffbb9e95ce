import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");

it("cdk synth -q, with nothing but an address, prints nothing: no warning, no notice", () => {
  const folder = mkdtempSync(join(tmpdir(), "origin-watch-synth-"));
  try {
    const cdk = join(root, "node_modules", "aws-cdk", "bin", "cdk");
    // Notices and telemetry would go out to the network.
    const options = ["--no-notices", "--no-version-reporting", "--output", join(folder, "cdk.out")];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [cdk, "synth", "-q", "-c", "alertEmail=ops@example.com", ...options],
      {
        cwd: root,
        encoding: "utf8",
        env: {
          PATH: `${join(process.execPath, "..")}:${process.env.PATH}`,
          HOME: folder,
          CDK_DISABLE_CLI_TELEMETRY: "true",
          AWS_EC2_METADATA_DISABLED: "true",
        },
      },
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(existsSync(join(folder, "cdk.out", "OriginWatch.template.json"))).toBe(true);
    const functions = readdirSync(join(folder, "cdk.out")).filter((name) => name.startsWith("asset."));
    expect(functions).toHaveLength(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
