import { json, jsonError } from "./events.ts";
import type { Service } from "./exchange.ts";

/** Secrets Manager's GetSecretValue in JSON 1.1. */
export function secretsManagerService(secrets: ReadonlyMap<string, string>): Service {
  return {
    operation(request) {
      if (request.headers["x-amz-target"] !== "secretsmanager.GetSecretValue") return undefined;
      const { SecretId = "" } = JSON.parse(request.body.toString("utf8")) as { SecretId?: string };
      return {
        action: "secretsmanager:GetSecretValue",
        resource: SecretId,
        perform() {
          const SecretString = secrets.get(SecretId);
          return SecretString === undefined
            ? jsonError(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
            : json(200, { ARN: SecretId, Name: "pager", SecretString, VersionId: "1" });
        },
      };
    },
    error: jsonError,
    throttled: jsonError(400, "ThrottlingException", "Rate exceeded"),
    denied: (action, resource) =>
      jsonError(400, "AccessDeniedException", `User is not authorized to perform: ${action} on resource: ${resource}`),
  };
}
