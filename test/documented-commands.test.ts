import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseXML } from "@aws-sdk/xml-builder";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SECRET_MARKER } from "./sandbox/account-distributions.ts";
import { fenced, indentedCommands, type Step, stepsIn } from "./sandbox/terminal/commands-of.ts";
import { meanwhile } from "./sandbox/terminal/meanwhile.ts";
import { stepsOf, withOutputs } from "./sandbox/terminal/page.ts";
import { masked } from "./sandbox/terminal/presentation.ts";
import { type Shell, startShell } from "./sandbox/terminal/stage.ts";

// Every command of the pages that people start from, as it stands there, in the account in a box. The
// box has a second loopback address only on Linux, and one origin needs it.
const page = (path: string) => readFileSync(join(import.meta.dirname, "..", path), "utf8");

let shell: Shell;
beforeAll(async () => {
  shell = await startShell();
});
afterAll(() => shell.close());

async function run(command: string) {
  const ran = await shell.run(command, meanwhile(command));
  expect(ran.output).not.toContain(SECRET_MARKER);
  return ran;
}

/** What cannot be run here, with the reason. */
const leftOut: Readonly<Record<string, string>> = {
  "npm ci && npm run demo": "installs anew what this test runs on; .ci/run does it",
  "npm ci && npm test": "is what runs this test",
  "npm ci": "installs anew what this test runs on; .ci/run does it",
  "npx cdk bootstrap -c alertEmail=ops@example.com": "needs an AWS account",
  "npx cdk deploy -c alertEmail=ops@example.com": "needs an AWS account",
  "aws lambda invoke --function-name FUNCTION /dev/stdout": "needs the function in an AWS account",
  "npm ci && npm run template": "installs anew what this test runs on; test/template.test.ts makes the template",
  "aws cloudformation deploy --stack-name OriginWatch --template-file origin-watch.template.json --s3-bucket BUCKET --capabilities CAPABILITY_IAM --parameter-overrides AlertEmail=ops@example.com":
    "needs an AWS account",
  "aws cloudformation create-stack --stack-name OriginWatch --capabilities CAPABILITY_IAM --template-url https://BUCKET.s3.REGION.amazonaws.com/origin-watch.template.json --parameters ParameterKey=AlertEmail,ParameterValue=ops@example.com":
    "needs an AWS account",
  "aws cloudformation describe-stacks --stack-name OriginWatch --query \"Stacks[0].Outputs[?OutputKey=='StateBucketName'].OutputValue\" --output text":
    "needs an AWS account",
  "npx cdk destroy -c alertEmail=ops@example.com": "needs an AWS account",
  "npx cdk deploy -c alertEmail=ops@example.com -c organization=true -c organizationId=o-a1b2c3d4e5":
    "needs an AWS account; test/lib/uninstall.test.ts synthesises it",
  "npx cdk deploy -c alertEmail=ops@example.com -c organization=true -c organizationId=o-a1b2c3d4e5 -c memberStackSet=r-ab12":
    "needs an AWS account; test/lib/uninstall.test.ts synthesises it",
  "npm run template -- --member": "writes into the project; test/lib/member-template.test.ts makes the template",
  "aws cloudformation deploy --stack-name OriginWatchMember --template-file origin-watch-member.template.json --capabilities CAPABILITY_NAMED_IAM --parameter-overrides HubAccountId=111122223333 HubRoleName=OriginWatch-eu-west-1 OrganizationId=o-a1b2c3d4e5":
    "needs an AWS account; test/lib/uninstall.test.ts compares it with the template",
  "npx cdk bootstrap aws://ACCOUNT/eu-central-1 aws://ACCOUNT/ap-northeast-1": "needs an AWS account",
  "npx cdk deploy OriginWatch -c alertEmail=ops@example.com -c vantageRegions=eu-central-1,ap-northeast-1":
    "needs an AWS account; test/lib/uninstall.test.ts synthesises it",
  "npx cdk deploy OriginWatch -c alertEmail=ops@example.com -c fleet=true":
    "needs an AWS account; test/lib/uninstall.test.ts synthesises it",
  "aws cloudformation delete-stack --stack-name OriginWatch-worker --region REGION": "needs an AWS account",
  "aws cloudformation delete-stack --stack-name OriginWatchMember": "needs an AWS account",
  "aws cloudformation delete-stack --stack-name OriginWatch": "needs an AWS account",
  "aws s3api list-buckets --query \"Buckets[?starts_with(Name, 'originwatch-watchstatebucket')].Name\" --output text":
    "needs an AWS account",
  "aws s3api delete-objects --bucket BUCKET --delete \"$(aws s3api list-object-versions --bucket BUCKET --max-items 1000 --query '{Objects: [Versions, DeleteMarkers][][].{Key: Key, VersionId: VersionId}}' --output json)\"":
    "needs an AWS account",
  "aws s3api delete-bucket --bucket BUCKET": "needs an AWS account",
  "aws s3 cp s3://OLD-BUCKET/state.json s3://NEW-BUCKET/state.json": "needs an AWS account",
  "npm run package": "builds the package; test/package.test.ts does it",
  "npm run coverage": "runs tests that this run runs",
  "npm test": "is what runs this test",
  "npm run test:unit": "runs tests that this run runs",
  "npm run demo": "is long; .ci/run does it",
  "npm run types && npm run lint": "takes long, for the same result in each place; .ci/run does it",
  "npx vitest run test/judge": "runs tests that this run runs",
  "npm run types": "takes long, for the same result in each place; .ci/run does it",
  "npm run lint": "takes long, for the same result in each place; .ci/run does it",
  "npm run format": "changes files of the project",
  "npm run -s synth -- -c alertEmail=ops@example.com": "takes long, for the same result in each place; .ci/run does it",
  "npm run licenses": "is for a release",
  "npm run fuzz": "takes ten minutes; test/fuzz runs a part of it",
  "npm run bench": "measures, which says nothing on a busy machine",
  "npm run bench:cdk": "installs from the package registry",
  "npm run bench:detection": "measures, which says nothing on a busy machine",
  "npm run bench:fleet": "measures, which says nothing on a busy machine",
  "npm run bench:package": "measures, which says nothing on a busy machine",
  "npm run bench:report": "measures, which says nothing on a busy machine",
  "npm run build:action": "changes files of the project; test/action/bundle.test.ts makes them",
  "npm run docs:screenshots": "changes files of the project",
  "npm run docs:terminal": "changes files of the project; this test compares what it would write",
};

const isLinux = process.platform === "linux";
const hasJq = spawnSync("jq", ["--version"]).status === 0;
const canRun = (command: string) => isLinux && (hasJq || !/\bjq\b/.test(command));

/** Where commands stand in indented blocks. What each may do is listed below, whatever the page. */
const pagesOfCommands = [
  "README.md",
  "CONTRIBUTING.md",
  "docs/accounts.md",
  "docs/deploy.md",
  "docs/regions.md",
  "docs/terminal.md",
  "docs/uninstall.md",
];

describe("the pages with commands", () => {
  /** Stands for a placeholder, and for names that the box does not have. */
  const placeholders: readonly (readonly [placeholder: string, value: string])[] = [
    ["config FILE", "config distributions.json"],
    ["template FILE", "template cdk.out"],
    ["terraform FILE", "terraform plan.json"],
    ["cdk.out/MyStack.template.json", "MyStack.template.json"],
    ["HOST[:PORT]", "healthy.box.test"],
    ["HOST", "healthy.box.test"],
    ["api.example.com", "incomplete.box.test"],
  ];

  /** The exit status of each command in the box, and what its output has. */
  const expected: Readonly<Record<string, readonly [status: number, output: RegExp]>> = {
    "npm run -s check -- account": [1, /^FAILING {2}expired\.box\.test:443 .* certificate-expired$/m],
    "npm run -s origin-watch -- explain account --origin api.example.com": [
      1,
      /`- MISSING: O=Sandbox, CN=Sandbox Issuing/,
    ],
    "npm run -s check -- origin api.example.com": [1, /^FAILING incomplete\.box\.test:443$/m],
    "npm run -s origin-watch -- what-if account --protocols TLSv1.2": [
      1,
      /^BREAKS +tls11\.box\.test:443, E9BOXOFFICE009 /m,
    ],
    "npm run -s check -- account --sort expiry": [1, /^next expiry: expiring\.box\.test:443, in 4 days/m],
    "npm run -s origin-watch -- --help": [0, /^ {2}what-if {5}what a configuration change would break/m],
    "npm run -s check -- config FILE": [1, /^13 failing, 5 at risk, 3 unknown, 9 healthy, 5 skipped$/m],
    "npm run -s check -- template FILE": [1, /^1 failing, 0 at risk, 0 unknown, 1 healthy, 0 skipped$/m],
    "npm run -s check -- terraform FILE": [1, /^1 failing, 0 at risk, 1 unknown, 1 healthy, 0 skipped$/m],
    "npm run -s check -- origin HOST[:PORT]": [0, /^HEALTHY {2}healthy\.box\.test:443/],
    "aws cloudfront list-distributions | npm run -s check -- config -": [1, /^13 failing, 5 at risk, 3 unknown/m],
    "npm run -s check -- template cdk.out/MyStack.template.json --parameter Stage=prod": [0, /^HEALTHY {2}healthy/],
    "npm run -s origin-watch -- watch origin HOST --until healthy": [0, /^0 changes\. Now: 1 healthy\.$/m],
    "npx ./origin-watch-0.1.0.tgz check origin HOST": [0, /^HEALTHY {2}healthy/],
    "npx origin-watch check origin HOST": [0, /^HEALTHY {2}healthy/],
    "npm run -s check -- account --json | jq -r 'select(.verdict == \"failing\") | [.connection.domain, (.uses[].distributionId), .findings[].code] | @tsv'":
      [0, /^expired\.box\.test\tE1BOXSHOP00001\tcertificate-expired$/m],
  };

  beforeAll(async () => {
    await shell.run(
      "aws cloudfront list-distributions > distributions.json; npx cdk synth -q; terraform show -json tfplan > plan.json",
    );
    const { port } = shell.account.origins.find(({ domain }) => domain === "healthy.box.test")!;
    const origin = {
      Id: { Ref: "Stage" },
      DomainName: "healthy.box.test",
      CustomOriginConfig: { OriginProtocolPolicy: "https-only", HTTPSPort: port, OriginSSLProtocols: ["TLSv1.2"] },
    };
    const behavior = {
      TargetOriginId: "prod",
      ViewerProtocolPolicy: "https-only",
      CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
    };
    const config = { Enabled: true, Origins: [origin], DefaultCacheBehavior: behavior };
    const site = { Type: "AWS::CloudFront::Distribution", Properties: { DistributionConfig: config } };
    const template = { Parameters: { Stage: { Type: "String" } }, Resources: { Site: site } };
    writeFileSync(join(shell.folder, "MyStack.template.json"), JSON.stringify(template));
  });

  const commands = new Set(pagesOfCommands.flatMap((path) => indentedCommands(page(path))));

  it("has no command that is neither run nor left out with a reason, and none of these is gone from it", () => {
    expect([...commands].toSorted()).toEqual([...Object.keys(expected), ...Object.keys(leftOut)].toSorted());
  });

  for (const [command, [status, output]] of Object.entries(expected)) {
    it.skipIf(!canRun(command))(command, async () => {
      const line = placeholders.reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value), command);
      const ran = await run(line);
      expect(ran.status).toBe(status);
      expect(shell.presentation.shown(ran.output)).toMatch(output);
      if (!command.includes("--help")) expect(ran.output).not.toMatch(/^origin-watch: /m);
    });
  }
});

describe.skipIf(!isLinux)("docs/terminal.md", () => {
  const text = page("docs/terminal.md");
  const steps = stepsOf(text);

  it("shows every command, and every option that is not for the box alone", () => {
    const commands = steps.map(({ command }) => command).join("\n");
    for (const word of [
      "check",
      "explain",
      "what-if",
      "watch",
      "account",
      "config",
      "template",
      "terraform",
      "origin",
    ]) {
      expect(commands).toContain(
        `origin-watch ${word}`.replace(/ (account|config|template|terraform|origin)$/, " check $1"),
      );
    }
    for (const option of ["--json", "--junit", "--quiet", "--sort expiry", "--host", "--until", "--profile"]) {
      expect(commands).toContain(option);
    }
    for (const change of ["--protocols", "--forward-host", "--no-forward-host", "--https-only", "--domain"]) {
      expect(commands).toMatch(new RegExp(`what-if .*${change}`));
    }
    for (const ofTheBox of ["--dns-server", "--ca", "--allow-private", "--connect-to"]) {
      expect(commands).not.toContain(ofTheBox);
    }
  });

  const outputs: string[] = [];
  it.skipIf(!hasJq).each(steps.map(({ command }, index) => ({ command, index })))(
    "shows what comes out: $command",
    async ({ command, index }) => {
      const { output } = await run(command);
      outputs.push(shell.presentation.shown(output));
      const now = stepsOf(withOutputs(text, outputs))[index];
      expect(masked(now!.output)).toBe(masked(steps[index]!.output));
    },
  );
});

describe.skipIf(!isLinux)("docs/pipelines.md", () => {
  const text = page("docs/pipelines.md");
  const [github = "", gitlab = ""] = fenced(text, "yaml");
  const [anyOther = "", terraform = "", whatIf = ""] = fenced(text, "sh");
  const pipelines: readonly (readonly [name: string, scripts: readonly string[]])[] = [
    ["GitHub Actions", stepsIn(github).map(scriptOf)],
    ["GitLab", [jobOf(stepsIn(gitlab).map(scriptOf))]],
    ["any other", [anyOther]],
  ];

  /** The action as a runner starts it, with what leads into the box; anything else as it is. */
  function scriptOf(step: Step): string {
    if ("run" in step) return step.run;
    const box = { "dns-servers": "$DNS_SERVER", "ca-file": "$CA_FILE", "allow-private": "true" };
    const inputs = Object.entries({ ...step.action, ...box });
    const environment = inputs.map(([name, value]) => `"INPUT_${name.toUpperCase()}=${value}"`);
    return `env ${environment.join(" ")} "$NODE" "$ACTION"`;
  }

  /** GitLab runs all lines of a job in one shell; the first job's are left out here one by one. */
  function jobOf(lines: readonly string[]): string {
    return lines.filter((line) => !(line in leftOut)).join("\n");
  }

  // GitLab has fetched the change, and says where.
  beforeAll(async () => {
    const commit = "git -c user.name=Ops -c user.email=ops@example.com commit -q -m tools";
    const { status, output } = await run(
      `git init -q -b main . && mkdir -p tools && touch tools/origin-watch-0.1.0.tgz && git add tools && ${commit} && git remote add origin .`,
    );
    expect([status, output]).toEqual([0, ""]);
  });

  /** Where a runner has the action, and the box what leads into it. */
  const runner = () => {
    const action = join(import.meta.dirname, "..", "action", "index.js");
    const { dns, caFile } = shell.account;
    return `NODE="${process.execPath}" ACTION="${action}" DNS_SERVER=${dns.address} CA_FILE="${caFile}"`;
  };

  /** As the runners do it: one shell a step, which ends at the first command that fails. */
  async function runPipeline(scripts: readonly string[]): Promise<{ status: number | null; output: string }> {
    let output = "";
    for (const script of scripts.filter((each) => !(each in leftOut))) {
      const ran = await run(
        `${runner()} CI_DEFAULT_BRANCH=main CI_PROJECT_DIR="$PWD" bash -e -c '${script.replaceAll("'", `'\\''`)}'`,
      );
      output += ran.output;
      if (ran.status !== 0) return { status: ran.status, output };
    }
    return { status: 0, output };
  }

  function junitTotals(): { failures: string; tests: string } {
    const xml = parseXML(readFileSync(join(shell.folder, "origin-watch.xml"), "utf8")) as {
      testsuites: { testsuite: { failures: string; tests: string } };
    };
    const { failures, tests } = xml.testsuites.testsuite;
    return { failures, tests };
  }

  it.each(pipelines)("has steps for %s", (_, scripts) => {
    expect(scripts.join("\n")).toMatch(/check template ("\$CI_PROJECT_DIR\/)?cdk\.out|"INPUT_PATH=cdk\.out"/);
  });

  it.each(pipelines)("%s: a predicted 502 fails the build, and the report names it", async (_, scripts) => {
    const { status, output } = await runPipeline(scripts);
    expect(status).toBe(1);
    expect(output).toContain("Cache misses get 502 for /api/* (");
    expect(junitTotals()).toEqual({ failures: "1", tests: "2" });
  });

  it("asks of a plan what it would break", async () => {
    const { status, output } = await run(terraform.trim());
    expect(status).toBe(1);
    expect(shell.presentation.shown(output)).toMatch(/^FAILING {2}incomplete\.box\.test:443/m);
    expect(output).toMatch(/aws_lb\.search\.dns_name/);
  });

  it("what-if judges a setting that nobody has made yet", async () => {
    const { status, output } = await run(whatIf.trim());
    expect(status).toBe(3);
    expect(output).toMatch(/^What if the viewer's Host were sent to the origin\? On 2 origins of 1 distribution\./m);
  });

  it.each(pipelines)("%s: passes once the origin is repaired", async (_, scripts) => {
    await shell.account.repair("incomplete.box.test");
    expect(await runPipeline(scripts)).toMatchObject({ status: 0 });
    expect(junitTotals()).toEqual({ failures: "0", tests: "2" });
  });
});
