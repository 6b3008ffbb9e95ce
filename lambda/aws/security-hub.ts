import {
  type AwsSecurityFinding,
  BatchImportFindingsCommand,
  type Resource,
  SecurityHubClient,
} from "@aws-sdk/client-securityhub";
import { isDistributionId } from "../configuration/distribution-id.ts";
import type { SecurityFinding } from "../relay/security-finding.ts";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import type { Relayed } from "./event-bus.ts";
import { refusal } from "./refusal.ts";

export function securityHubClient(given: ClientLimits = clientLimits): SecurityHubClient {
  return new SecurityHubClient({ ...given, retryMode: "standard" });
}

/** https://docs.aws.amazon.com/securityhub/latest/APIReference/API_BatchImportFindings.html */
const mostFindingsACall = 100;
/** AWS Security Finding Format: Resources holds up to 32 (API reference, AwsSecurityFinding). */
const mostResources = 32;

/**
 * Imports findings. One whose id Security Hub knows is updated. All batches are tried, and the first failure is
 * returned.
 *
 * @param productArn the account's own product, `arn:PARTITION:securityhub:REGION:ACCOUNT:product/ACCOUNT/default`
 */
export async function importFindings(
  client: SecurityHubClient,
  productArn: string,
  findings: readonly SecurityFinding[],
): Promise<Relayed> {
  let outcome: Relayed = { kind: "relayed" };
  for (let start = 0; start < findings.length; start += mostFindingsACall) {
    const batch = findings.slice(start, start + mostFindingsACall).map((finding) => asff(finding, productArn));
    const result = await importBatch(client, productArn, batch);
    if (outcome.kind === "relayed") outcome = result;
  }
  return outcome;
}

async function importBatch(
  client: SecurityHubClient,
  productArn: string,
  batch: AwsSecurityFinding[],
): Promise<Relayed> {
  try {
    const imported = await client.send(new BatchImportFindingsCommand({ Findings: batch }));
    const { FailedCount, SuccessCount, FailedFindings } = imported;
    // An answer without counts is not that of Security Hub.
    if (FailedCount === 0 && SuccessCount === batch.length) return { kind: "relayed" };
    const reason = FailedFindings?.[0]?.ErrorCode ?? "no reason";
    return {
      kind: "failed",
      error: `Security Hub did not take ${batch.length - (SuccessCount ?? 0)} of ${batch.length} findings (${reason})`,
    };
  } catch (thrown) {
    return { kind: "failed", error: refusal(thrown, `securityhub:BatchImportFindings on ${productArn}`).error };
  }
}

/** https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html */
function asff(finding: SecurityFinding, productArn: string): AwsSecurityFinding {
  const [, , , region = "", account = ""] = productArn.split(":");
  const types = ["Software and Configuration Checks"];
  const severity = { Label: finding.severity };
  return {
    SchemaVersion: "2018-10-08",
    Id: finding.id.slice(0, 512),
    ProductArn: productArn,
    GeneratorId: "origin-watch",
    AwsAccountId: account,
    Types: types,
    CreatedAt: finding.createdAt,
    UpdatedAt: finding.updatedAt,
    Severity: severity,
    Title: finding.title.slice(0, 256),
    Description: finding.description.slice(0, 1_024),
    Resources: resources(finding, region),
    Remediation: {
      Recommendation: {
        Text: "The alert on this origin, and the function's log, have the evidence, the fix and a command that shows the fault.",
        Url: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html",
      },
    },
    FindingProviderFields: { Severity: severity, Types: types },
    RecordState: finding.active ? "ACTIVE" : "ARCHIVED",
  };
}

function resources({ origin, scope, distributions }: SecurityFinding, Region: string): Resource[] {
  const known = scope.partition ?? "aws";
  const Partition = known === "aws-cn" || known === "aws-us-gov" ? known : "aws";
  const other = (Id: string): Resource => ({ Type: "Other", Id: Id.slice(0, 512), Partition, Region });
  const own = origin === null ? [] : [other(`origin/${origin}`)];
  const used = distributions
    .filter(isDistributionId)
    .slice(0, mostResources - 1)
    .map(
      (id): Resource => ({
        Type: "AwsCloudFrontDistribution",
        Id: `arn:${known}:cloudfront::${scope.accountId ?? ""}:distribution/${id}`,
        Partition,
        Region,
      }),
    );
  // A finding without a resource is refused.
  return own.length + used.length > 0 ? [...own, ...used] : [other(`distribution/${distributions[0] ?? "unknown"}`)];
}
