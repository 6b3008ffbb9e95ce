import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { reserveRefusingPort } from "../sandbox/listener.ts";
import { checkInProcess } from "./check-in-process.ts";

const temporary = mkdtempSync(join(tmpdir(), "origin-watch-mute-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

it("advises to mute only where there may be something to mute", async () => {
  const refusing = await reserveRefusingPort();
  const config = { OriginProtocolPolicy: "https-only", OriginSSLProtocols: ["TLSv1.2"], HTTPSPort: refusing.port };
  const Origins = [{ Id: "api", DomainName: "refused.test", CustomOriginConfig: config }];
  const CachePolicyId = "658327ea-f89d-4fab-a63d-7e88639e58f6";
  const DefaultCacheBehavior = { TargetOriginId: "api", ViewerProtocolPolicy: "https-only", CachePolicyId };
  const Properties = { DistributionConfig: { Enabled: true, Origins, DefaultCacheBehavior } };
  const file = join(temporary, "refused.json");
  writeFileSync(file, JSON.stringify({ Resources: { Cdn: { Type: "AWS::CloudFront::Distribution", Properties } } }));
  const there = ["--connect-to", refusing.address, "--allow-private", "--json"];
  const template = await checkInProcess(["template", file, ...there]);
  const origin = await checkInProcess(["origin", `refused.test:${refusing.port}`, ...there]);
  await refusing.close();
  expect([template, origin].map(({ records: [record] }) => record?.findings[0]?.remedy.at(-1))).toEqual([
    "If a firewall refuses everybody but CloudFront, this is expected.",
    "If a firewall refuses everybody but CloudFront, admit Origin Watch or mute the origin.",
  ]);
});
