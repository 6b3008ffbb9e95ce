import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { marked } from "marked";
import { runCheck } from "../terminal/run-check.ts";
import type { Account } from "./account.ts";
import { presentationOf } from "./terminal/presentation.ts";

/** Origins of the box whose findings name neither a port nor a day, so that the summary is the same tomorrow. */
const names = ["healthy", "expired", "incomplete", "wrong-name", "tls11", "mtls-optional", "out-of-order"] as const;

/** What a job writes into its summary for a pull request whose template has some of the box's origins, in Markdown. */
export async function pullRequestSummary(account: Account): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "origin-watch-pull-request-"));
  try {
    const summary = join(folder, "summary.md");
    writeFileSync(join(folder, "site.yaml"), templateOf(account));
    const box = ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private", "--timeout", "120"];
    const environment = { GITHUB_STEP_SUMMARY: summary };
    await runCheck(["template", "site.yaml", "--github", ...box], { environment, cwd: folder });
    const shown = presentationOf(account, Date.now()).shown(readFileSync(summary, "utf8"));
    return shown.replaceAll("127&#46;0&#46;0&#46;", "192&#46;0&#46;2&#46;");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function templateOf({ origins }: Account): string {
  const portOf = (name: string) => origins.find(({ domain }) => domain === `${name}.box.test`)?.port;
  const settings = (name: string) =>
    `{ HTTPSPort: ${portOf(name)}, OriginProtocolPolicy: https-only, OriginSSLProtocols: [TLSv1.2] }`;
  return `Resources:
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Aliases: [www.example.com]
        DefaultCacheBehavior: { TargetOriginId: healthy, ViewerProtocolPolicy: redirect-to-https }
        CacheBehaviors:
${[...names.slice(1), "web"].map((name) => `          - { PathPattern: /${name}/*, TargetOriginId: ${name}, ViewerProtocolPolicy: redirect-to-https }\n`).join("")}
        Origins:
${names.map((name) => `          - Id: ${name}\n            DomainName: ${name}.box.test\n            CustomOriginConfig: ${settings(name)}\n`).join("")}
          - Id: web
            DomainName: !ImportValue WebBalancer
            CustomOriginConfig: { OriginProtocolPolicy: https-only, OriginSSLProtocols: [TLSv1.2] }
`;
}

/** Which summary a picture shows: what stands for it beside the picture. */
export function fingerprintOf(markdown: string): string {
  return createHash("sha256").update(markdown).digest("hex").slice(0, 16);
}

/** The summary as a page that looks roughly as GitHub shows it. */
export async function summaryPage(markdown: string): Promise<string> {
  const style = `body { margin: 24px; font: 14px/1.5 "Liberation Sans", Arial, sans-serif; color: #1f2328; }
    h3 { font-size: 17px; margin: 0 0 12px; }
    table { border-collapse: collapse; }
    th, td { border: 1px solid #d1d9e0; padding: 6px 12px; text-align: left; vertical-align: top; }
    tr:nth-child(2n) { background: #f6f8fa; }
    code { font: 12px/1.5 "Liberation Mono", monospace; background: #818b981f; border-radius: 6px; padding: 2px 4px; }`;
  const body = await marked.parse(markdown, { gfm: true });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Summary</title><style>${style}</style><body>${body}</body></html>`;
}
