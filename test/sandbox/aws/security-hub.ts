import type { AwsSecurityFinding } from "@aws-sdk/client-securityhub";
import { json, jsonError } from "./events.ts";
import type { AwsReply, Service } from "./exchange.ts";

/** Security Hub's BatchImportFindings in REST-JSON; findings are kept by their id, the last import wins. */
export function securityHubService(findings: Map<string, AwsSecurityFinding>): Service {
  return {
    operation(request) {
      if (request.method !== "POST" || request.path !== "/findings/import") return undefined;
      const { Findings = [] } = JSON.parse(request.body.toString("utf8")) as { Findings?: AwsSecurityFinding[] };
      return {
        action: "securityhub:BatchImportFindings",
        resource: Findings[0]?.ProductArn ?? "*",
        perform: () => importAll(Findings, findings),
      };
    },
    error: jsonError,
    throttled: jsonError(429, "LimitExceededException", "Rate exceeded"),
    denied: (action, resource) =>
      jsonError(403, "AccessDeniedException", `User is not authorized to perform: ${action} on resource: ${resource}`),
  };
}

function importAll(batch: readonly AwsSecurityFinding[], findings: Map<string, AwsSecurityFinding>): AwsReply {
  if (batch.length === 0 || batch.length > 100) return jsonError(400, "InvalidInputException", "1 to 100 findings");
  const failed = batch.flatMap((finding) => {
    const problem = problemOf(finding);
    if (problem !== undefined) return [{ Id: finding.Id, ErrorCode: "InvalidInput", ErrorMessage: problem }];
    findings.set(finding.Id ?? "", finding);
    return [];
  });
  return json(200, { FailedCount: failed.length, SuccessCount: batch.length - failed.length, FailedFindings: failed });
}

/** What the API reference requires of an AwsSecurityFinding, as far as it concerns what the product sends. */
function problemOf(finding: AwsSecurityFinding): string | undefined {
  const { Id, Title, Description, Resources = [], Types = [], CreatedAt, UpdatedAt, AwsAccountId, Severity } = finding;
  const isTime = (text: string | undefined) => text !== undefined && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(text);
  if (finding.SchemaVersion !== "2018-10-08") return "SchemaVersion";
  if (!within(Id, 512)) return "Id";
  if (!within(Title, 256)) return "Title";
  if (!within(Description, 1_024)) return "Description";
  if (Resources.length === 0 || Resources.length > 32 || Resources.some((each) => !within(each.Id, 512)))
    return "Resources";
  if (Types.some((type) => !/^[^/]+(\/[^/]+){0,2}$/.test(type))) return "Types";
  if (!isTime(CreatedAt) || !isTime(UpdatedAt)) return "CreatedAt or UpdatedAt";
  if (!/^\d{12}$/.test(AwsAccountId ?? "")) return "AwsAccountId";
  return Severity?.Label === undefined ? "Severity" : undefined;
}

function within(text: string | undefined, most: number): boolean {
  return text !== undefined && text.length > 0 && text.length <= most;
}
