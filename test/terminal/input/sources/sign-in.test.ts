import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AwsEndpoint, startAwsEndpoint } from "../../../sandbox/aws/endpoint.ts";
import { customOrigin, distribution } from "../../../sandbox/distributions.ts";
import { startDnsServer } from "../../../sandbox/dns-server.ts";
import { runCheck, runCommand } from "../../run-check.ts";

const caller = "arn:aws:iam::123456789012:user/sandbox";
const role = "arn:aws:iam::210987654321:role/Reader";
const config = `
[profile keys]
aws_access_key_id = AKIASANDBOX
aws_secret_access_key = sandbox
[profile china]
aws_access_key_id = AKIASANDBOX
aws_secret_access_key = sandbox
region = cn-north-1
[profile role]
role_arn = ${role}
source_profile = keys
[profile device]
role_arn = ${role}
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile process]
credential_process = sh -c "echo CANARY-STDERR >&2; exit 1" --token CANARY-ARGUMENT
[profile words]
credential_process = echo CANARY-STDOUT
[profile old]
credential_process = echo '{"Version":1,"AccessKeyId":"CANARY-ID","SecretAccessKey":"CANARY-KEY","Expiration":"2020-01-01T00:00:00Z"}'
[profile circle]
role_arn = ${role}
source_profile = circle2
[profile circle2]
role_arn = ${role}
source_profile = circle
[profile source]
role_arn = ${role}
credential_source = CANARY-SOURCE
[profile sso]
sso_session = company
sso_account_id = 123456789012
sso_role_name = Reader
[profile never]
sso_session = other
sso_account_id = 123456789012
sso_role_name = Reader
[sso-session company]
sso_region = eu-west-1
sso_start_url = https://company.awsapps.com/start
[sso-session other]
sso_region = eu-west-1
sso_start_url = https://company.awsapps.com/start
`;

let home: string;
let aws: AwsEndpoint;
const denied = new Set<string>();

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "origin-watch-sign-in-"));
  writeFileSync(join(home, "config"), config);
  const cache = join(home, ".aws", "sso", "cache");
  mkdirSync(cache, { recursive: true });
  const ended = { accessToken: "x", expiresAt: "2026-01-01T00:00:00Z", region: "eu-west-1" };
  writeFileSync(join(cache, `${createHash("sha1").update("company").digest("hex")}.json`), JSON.stringify(ended));
  const outline = {
    id: "E1",
    comment: "",
    origins: [customOrigin("missing.box.test", 443)],
    defaultBehavior: { target: "missing.box.test" },
  };
  aws = await startAwsEndpoint({
    distributions: [distribution(outline, "123456789012")],
    isAllowed: (action) => !denied.has(action),
  });
});
afterEach(() => {
  denied.clear();
  aws.clearFaults();
});
afterAll(async () => {
  await aws.close();
  rmSync(home, { recursive: true, force: true });
});

/** Runs `check account` with the box as AWS and the profiles above, without keys in the environment. */
function checkAccount(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return runCheck(["account", "--json", "--dns-server", "127.0.0.1:9", ...args], {
    environment: { ...withProfiles(), ...environment },
  });
}

function withProfiles(): Record<string, string> {
  const own = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"];
  const kept = Object.entries(aws.environment).filter(([name]) => !own.includes(name));
  return { ...Object.fromEntries(kept), HOME: home, AWS_CONFIG_FILE: join(home, "config") };
}

const keys = { AWS_ACCESS_KEY_ID: "AKIASANDBOX", AWS_SECRET_ACCESS_KEY: "sandbox" };

describe("signing in", () => {
  it.each([
    [
      "nothing at all",
      [],
      "Not signed in to AWS: Could not load credentials from any providers. Sign in with `aws sso login` or `aws configure`, or name a profile with --profile.",
    ],
    [
      "a profile that does not exist",
      ["--profile", "prodution"],
      "Not signed in to AWS: the profile does not exist, or has no credentials. Its name is prodution, from --profile. List profiles: `aws configure list-profiles`.",
    ],
    [
      "a profile whose process fails",
      ["--profile", "process"],
      "Not signed in to AWS: the profile's credential process failed. Look at the profile process in the configuration of the AWS CLI.",
    ],
    [
      "a profile whose process says something else",
      ["--profile", "words"],
      "Not signed in to AWS: the profile's credential process returned invalid JSON. Look at the profile words in the configuration of the AWS CLI.",
    ],
    [
      "a profile whose process gives old credentials",
      ["--profile", "old"],
      "Not signed in to AWS: the profile's credential process returned expired credentials. Look at the profile old in the configuration of the AWS CLI.",
    ],
    [
      "profiles that name each other",
      ["--profile", "circle"],
      "Not signed in to AWS: the profiles name each other as their source. Look at the profile circle in the configuration of the AWS CLI.",
    ],
    [
      "a source that there is none of",
      ["--profile", "source"],
      "Not signed in to AWS: the profile has a credential_source that is not supported. Look at the profile source in the configuration of the AWS CLI.",
    ],
    [
      "an SSO session that is over",
      ["--profile", "sso"],
      "Not signed in to AWS: the session of IAM Identity Center (SSO) is over, or there was none. Sign in with `aws sso login --profile sso`.",
    ],
    [
      "an SSO session that never was",
      ["--profile", "never"],
      "Not signed in to AWS: the session of IAM Identity Center (SSO) is over, or there was none. Sign in with `aws sso login --profile never`.",
    ],
    [
      "a profile that wants a code",
      ["--profile", "device"],
      'Not signed in to AWS: the profile wants the code of a multi-factor device. Let the AWS CLI ask for it: eval "$(aws configure export-credentials --profile device --format env)", then try again without --profile.',
    ],
  ])("says of %s in one line what is the matter and what helps", async (_, args, line) => {
    const before = aws.calls.length;
    expect(await checkAccount(args)).toEqual({ status: 2, stdout: "", stderr: `origin-watch: ${line}\n` });
    expect(aws.calls).toHaveLength(before);
  });

  it("takes the profile of AWS_PROFILE, and says that it is from there", async () => {
    const { stderr } = await checkAccount([], { AWS_PROFILE: "prodution", ...keys });
    expect(stderr).toMatch(/^origin-watch: .*Its name is prodution, from AWS_PROFILE\. .*\n$/);
    expect((await checkAccount([], { AWS_PROFILE: "keys" })).status).toBe(3);
  });

  it("says where credentials that have expired are from", async () => {
    const expired = "Not signed in to AWS: the credentials have expired (ExpiredToken).";
    aws.failNext("cloudfront:ListDistributions", "expired-token");
    expect(await checkAccount(["--profile", "keys"])).toEqual({
      status: 2,
      stdout: "",
      stderr: `origin-watch: ${expired} Sign in again, for example with \`aws sso login --profile keys\`.\n`,
    });
    aws.failNext("cloudfront:ListDistributions", "expired-token");
    expect((await checkAccount([], keys)).stderr).toBe(
      `origin-watch: ${expired} They are those of AWS_ACCESS_KEY_ID in the environment: put new ones there, or unset them and name a profile with --profile.\n`,
    );
  });

  it("assumes the role of a profile, and says who may not", async () => {
    expect((await checkAccount(["--profile", "role"])).status).toBe(3);
    expect(aws.calls.map(({ action, resource }) => `${action} ${resource}`)).toContain(`sts:AssumeRole ${role}`);
    denied.add("sts:AssumeRole");
    expect(await checkAccount(["--profile", "role"])).toEqual({
      status: 2,
      stdout: "",
      stderr: `origin-watch: Not signed in to AWS: sts:AssumeRole on ${role}: access denied to ${caller}. The caller's own policies and the trust policy of the role must both allow it.\n`,
    });
  });

  it("asks the partition of the profile's Region", async () => {
    const before = aws.calls.length;
    await checkAccount(["--profile", "china"]);
    expect(aws.calls[before]).toMatchObject({ action: "cloudfront:ListDistributions", region: "cn-north-1" });
  });
});

describe("without permission to list the distributions", () => {
  const line = `origin-watch: The list of distributions could not be read (access denied to ${caller}); no distribution is checked. Allow cloudfront:ListDistributions on resource "*".\n`;

  it.each([
    [["check", "account"]],
    [["explain", "account", "--origin", "missing.box.test"]],
    [["what-if", "account", "--protocols", "TLSv1"]],
    [["watch", "account"]],
  ])("%j names the caller, the action and the resource, and does not pass for healthy", async (args) => {
    denied.add("cloudfront:ListDistributions");
    const run = await runCommand(args, { environment: { ...withProfiles(), ...keys } });
    expect(run).toEqual({ status: 2, stdout: "", stderr: line });
  });
});

describe("without permission to list the policies", () => {
  it.each([
    [["check", "account"]],
    [["explain", "account", "--origin", "healthy.box.test"]],
    [["what-if", "account", "--protocols", "TLSv1.2"]],
    [["watch", "account", "--for", "1", "--interval", "5"]],
  ])("%j says what it cannot tell, and is not healthy", async (args) => {
    denied.add("cloudfront:ListCachePolicies");
    const dns = await startDnsServer({});
    const run = await runCommand([...args, "--dns-server", dns.address], {
      environment: { ...withProfiles(), ...keys },
    });
    await dns.close();
    expect(run.stderr).toContain(
      `The cache policies could not be read (access denied to ${caller}); AWS's managed ones are known all the same, but origins that depend on others are not checked. Allow cloudfront:ListCachePolicies on resource "*".`,
    );
    expect(run.status).not.toBe(0);
  });
});
