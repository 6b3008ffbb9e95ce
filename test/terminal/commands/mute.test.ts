import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MuteFile, parseMuteFile } from "../../../lambda/incidents/mute-file.ts";
import { alphabetically } from "../../../lambda/text/alphabet.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../../sandbox/aws/endpoint.ts";
import { runCommand } from "../run-check.ts";

const bucket = "origin-watch-state";
const account = "123456789012";
const stack = {
  id: `arn:aws:cloudformation:us-east-1:${account}:stack/OriginWatch/1`,
  outputs: { StateBucketName: bucket, FunctionName: "f" },
};
let aws: AwsEndpoint;

beforeEach(async () => {
  aws = await startAwsEndpoint({ buckets: [bucket], stacks: { OriginWatch: stack, Other: { ...stack, outputs: {} } } });
});
afterEach(() => aws.close());

const run = (...args: readonly string[]) => runCommand(args, { environment: aws.environment });
const ofApi = ["--origin", "api.example.com"];
const soon = ["--for", "4h", "--reason", "is being moved"];

function stored(): MuteFile["mutes"] {
  const body = aws.objects.versions(bucket, "mutes.json").at(-1)?.body.toString() ?? "";
  const parsed = parseMuteFile(body);
  if (parsed.kind !== "mutes") throw new Error(`${parsed.problem}: ${body}`);
  return parsed.file.mutes;
}

/** What is selected, for each mute that is stored. */
const selected = () => stored().map(({ origin, distribution, code, account: of }) => [origin, distribution, code, of]);

describe("origin-watch mute", () => {
  it("writes a mute of the stack's account into mutes.json, on condition, and says how to end it", async () => {
    const { status, stdout, stderr } = await run("mute", ...ofApi, ...soon);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Muted until \d{4}-\d\d-\d\d \d\d:\d\d UTC: api\.example\.com in account 123456789012\.\n/);
    expect(stdout).toContain("origin-watch unmute --origin api.example.com\n");
    const [mute] = stored();
    expect(mute).toMatchObject({ source: "terminal", account, origin: "api.example.com", reason: "is being moved" });
    expect(Date.parse(mute!.until) - Date.parse(mute!.createdAt)).toBe(4 * 3_600_000);
    await run("mute", "--distribution", "E1", "--code", "certificate-expiring", "--account", "210987654321", ...soon);
    expect(selected()).toEqual([
      ["api.example.com", null, null, account],
      [null, "E1", "certificate-expiring", "210987654321"],
    ]);
    expect(aws.calls.filter(({ action }) => action === "s3:PutObject").length).toBe(2);
  });

  it("takes the place of the same mute, and drops what is over", async () => {
    await run("mute", ...ofApi, "--for", "1d", "--reason", "first");
    await run("mute", "--origin", "API.example.com", ...soon);
    expect(stored().map(({ reason }) => reason)).toEqual(["is being moved"]);
    const [mute] = stored();
    const over = { ...mute!, origin: "old.example.com", until: "2026-01-01T00:00:00.000Z" };
    aws.objects.put(bucket, "mutes.json", JSON.stringify({ schemaVersion: 1, mutes: [over] }));
    await run("mute", ...ofApi, ...soon);
    expect(selected()).toEqual([["api.example.com", null, null, account]]);
  });

  it("loses nothing where two write at once", async () => {
    aws.failNext("s3:PutObject", "conflict", 1);
    expect((await run("mute", ...ofApi, ...soon)).status).toBe(0);
    const both = await Promise.all([
      run("mute", "--origin", "b.example.com", ...soon),
      run("mute", "--origin", "c.example.com", ...soon),
    ]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect(
      selected()
        .map(([origin]) => `${origin}`)
        .toSorted(alphabetically),
    ).toEqual(["api.example.com", "b.example.com", "c.example.com"]);
    aws.failNext("s3:PutObject", "conflict", 3);
    const { status, stderr } = await run("mute", "--origin", "d.example.com", ...soon);
    expect([status, stderr]).toEqual([2, expect.stringContaining("not muted: somebody else changed the mutes")]);
  });

  it("lists what is muted, and takes back only what it made", async () => {
    await run("mute", ...ofApi, ...soon);
    await run("mute", ...ofApi, "--code", "chain-incomplete", ...soon);
    const board = { ...stored()[0]!, source: "board" };
    aws.objects.put(bucket, "mutes.json", JSON.stringify({ schemaVersion: 1, mutes: [...stored(), board] }));
    const listed = await run("mute", "--list");
    expect(listed.stdout.split("\n")).toHaveLength(4);
    expect(listed.stdout).toMatch(
      /^api\.example\.com in account 123456789012, until .* by origin-watch mute, by somebody/,
    );
    const json = await run("mute", "--list", "--json");
    expect(
      json.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(stored());
    expect((await run("unmute", ...ofApi)).stdout).toContain("No longer muted: api.example.com in account");
    expect(stored().map(({ source, code }) => [source, code])).toEqual([
      ["terminal", "chain-incomplete"],
      ["board", null],
    ]);
    const again = await run("unmute", ...ofApi);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining("nothing of the kind was muted")]);
    await run("unmute", ...ofApi, "--code", "chain-incomplete");
    aws.objects.put(bucket, "mutes.json", '{"schemaVersion":1,"mutes":[]}');
    expect((await run("mute", "--list")).stdout).toContain("Nothing is muted from a terminal.");
  });

  it.each<readonly [string, readonly string[], string]>([
    ["nothing to mute", soon, "say what to mute"],
    ["no time", [...ofApi, "--reason", "x"], "--for is missing"],
    ["no reason", [...ofApi, "--for", "4h"], "--reason is missing"],
    ["a time too long", [...ofApi, "--for", "31d", "--reason", "x"], "at most 30d"],
    ["a time without a unit", [...ofApi, "--for", "4", "--reason", "x"], "--for: expected a time such as"],
    ["a code that there is not", [...ofApi, "--code", "certificate-expirin", ...soon], "certificate-expiring"],
    ["an account that is none", [...ofApi, "--account", "prod", ...soon], "--account: expected twelve digits"],
    ["a distribution that is none", ["--distribution", "e1", ...soon], "--distribution: expected a distribution id"],
    ["a reason of two lines", [...ofApi, "--for", "4h", "--reason", "a\nb"], "--reason: expected a line"],
    ["a URL", ["--origin", "https://x/", ...soon], "expected a domain name"],
    ["another option", [...ofApi, ...soon, "--ca", "x"], "Unknown option"],
  ])("refuses %s, and writes nothing", async (_, args, words) => {
    const { status, stderr, stdout } = await run("mute", ...args);
    expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining(words)]);
    expect(aws.calls).toEqual([]);
  });

  it("says what it cannot read or write, and leaves it as it is", async () => {
    const other = await run("mute", ...ofApi, ...soon, "--stack", "Nothing");
    expect([other.status, other.stderr]).toEqual([2, expect.stringContaining("there is no such stack in this Region")]);
    expect((await run("mute", "--list", "--stack", "Other")).stderr).toContain("has no output StateBucketName");
    aws.objects.put(bucket, "mutes.json", "garbage");
    const garbage = await run("mute", ...ofApi, ...soon);
    expect([garbage.status, garbage.stderr]).toEqual([2, expect.stringContaining("it is not JSON")]);
    expect(aws.objects.versions(bucket, "mutes.json")).toHaveLength(1);
    aws.failNext("s3:GetObject", "access-denied", 1);
    expect((await run("mute", "--list")).stderr).toContain("access denied: you need s3:GetObject");
  });

  it("says that nobody is signed in, or that no Region is named", async () => {
    const { AWS_ACCESS_KEY_ID: _, AWS_REGION: __, AWS_DEFAULT_REGION: ___, ...rest } = aws.environment;
    const unsigned = await runCommand(["mute", ...ofApi, ...soon, "--region", "us-east-1"], { environment: rest });
    expect(unsigned.stderr).toMatch(/^origin-watch: Not signed in to AWS: .* Sign in with `aws sso login` or .*\n$/);
    const { AWS_REGION: ____, AWS_DEFAULT_REGION: _____, ...nowhere } = aws.environment;
    const { stderr, status } = await runCommand(["mute", ...ofApi, ...soon], { environment: nowhere });
    expect([status, stderr]).toEqual([
      2,
      "origin-watch: cannot read the stack OriginWatch: no Region is configured (--stack, --region and --profile name another)\n",
    ]);
  });

  it("prints its help, and names itself in that of all commands", async () => {
    const { status, stdout } = await run("mute", "--help");
    expect([status, stdout]).toEqual([0, expect.stringContaining("--reason TEXT")]);
    expect((await run("unmute", "-h")).stdout).toContain("Takes back only what `mute` made");
    expect((await run("help")).stdout).toMatch(/^ {2}mute .*\n {2}unmute /m);
  });
});
