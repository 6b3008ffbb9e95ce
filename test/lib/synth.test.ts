import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "origin-watch-synth-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function synth(...context: readonly string[]) {
  const cdk = join(root, "node_modules", "aws-cdk", "bin", "cdk");
  // Notices and telemetry would go out to the network.
  const options = ["--no-notices", "--no-version-reporting", "--output", join(folder, "cdk.out")];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cdk, "synth", "-q", ...context.flatMap((each) => ["-c", each]), ...options],
    {
      cwd: root,
      encoding: "utf8",
      env: {
        PATH: `${join(process.execPath, "..")}:${process.env.PATH}`,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        HOME: folder,
        CDK_DISABLE_CLI_TELEMETRY: "true",
        AWS_EC2_METADATA_DISABLED: "true",
      },
    },
  );
  return { status, stdout, stderr };
}

describe("cdk synth -q", () => {
  it("prints nothing with nothing but an address: no warning, no notice", () => {
    expect(synth("alertEmail=ops@example.com")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(existsSync(join(folder, "cdk.out", "OriginWatch.template.json"))).toBe(true);
    const functions = readdirSync(join(folder, "cdk.out")).filter((name) => name.startsWith("asset."));
    expect(functions).toHaveLength(2);
  });

  it("warns of a mute that is over in one line, and deploys what deployed the day before", () => {
    const mutes = [
      { code: "certificate-expiring", until: "2999-12-31", reason: "is being moved" },
      { origin: "old.example.com", until: "2026-10-31", reason: "is being moved" },
    ];
    const { status, stdout, stderr } = synth("alertEmail=ops@example.com", `mutes=${JSON.stringify(mutes)}`);
    // The lines after it are the CDK's: which construct, and how to acknowledge it.
    const warnings = stderr.split("\n").filter((line) => line.includes("mutes: "));
    expect({ status, stdout, warnings }).toEqual({
      status: 0,
      stdout: "",
      warnings: [
        expect.stringContaining(
          "mutes: entry 2 has been over since 2026-11-01T00:00:00.000Z and mutes nothing; take it out, or give it a later day",
        ),
      ],
    });
  });

  it.each([
    [
      "pagerDutyServiceRegion=eu",
      "context pagerDutyServiceRegion: expected pagerDutyRoutingKey beside it, got none: PagerDuty would be told nothing",
    ],
    ["schedule=cron(0 25 * * ? *)", 'context schedule: expected hours from 0 to 23, got "25"'],
    [
      "silenceHours=12",
      "context silenceHours: expected at least 24, got 12: runs by rate(1 day) are up to 24 hours apart",
    ],
    [
      `includeDistributions=${Array.from({ length: 280 }, (_, index) => `E${String(index).padStart(13, "0")}`).join(",")}`,
      expect.stringMatching(
        /^context includeDistributions: expected at most 4096 bytes in the function's environment, got 4\d{3}, 42\d\d of them for includeDistributions: name those to leave alone in excludeDistributions, if they are fewer$/,
      ),
    ],
  ])("refuses %.40s… in one line, as the deployment would", (input, problem) => {
    const { status, stdout, stderr } = synth("alertEmail=ops@example.com", "schedule=rate(1 day)", input);
    const [line = "", ...rest] = stderr.trimEnd().split("\n");
    expect({ status, stdout, line: line.replace(/^origin-watch: /, "") }).toEqual({
      status: 1,
      stdout: "",
      line: problem,
    });
    // The CDK's own, after the app has ended.
    expect(rest).toEqual([expect.stringMatching(/Subprocess exited with error 1$/)]);
  });
});
