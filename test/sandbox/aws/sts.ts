import { randomUUID } from "node:crypto";
import { SECRET_MARKER } from "../secret-marker.ts";
import type { AwsReply, AwsRequest, Service } from "./exchange.ts";
import type { AccountRole, Organization } from "./organization.ts";
import { type AssumeRequest, trusts } from "./trust-policy.ts";
import { document, element, wrappedError } from "./xml.ts";

/** Credentials that STS gave, by their access key: whose they are, and what they may do. */
export type Session = {
  readonly accountId: string;
  /** ARN of whoever has assumed the role. */
  readonly name: string;
  readonly token: string;
  readonly role: AccountRole;
  /** Milliseconds since the epoch, by the clock of whoever asked: a test may let it be later than it is. */
  readonly expires: number;
};

/**
 * STS's AssumeRole in the query protocol.
 *
 * With an organization it asks whether the role is there and trusts the caller, and the credentials lead into the role's
 * account. Without one it gives credentials of the endpoint's own account for any role.
 */
export function stsService(caller: string, organization: Organization | null, sessions: Map<string, Session>): Service {
  return {
    operation(request) {
      const form = new URLSearchParams(request.body.toString("utf8"));
      if (request.method !== "POST" || form.get("Action") !== "AssumeRole") return undefined;
      const role = form.get("RoleArn") ?? "*";
      return {
        action: "sts:AssumeRole",
        resource: role,
        account: /^arn:[a-z-]+:iam::(\d{12}):role\//.exec(role)?.[1],
        perform: () =>
          organization === null ? anyRole(role, form) : assume(role, form, organization, sessions, signedAt(request)),
      };
    },
    error: stsError,
    throttled: stsError(400, "Throttling", "Rate exceeded"),
    denied: (_action, resource) => refused(organization?.caller ?? caller, resource),
  };
}

/** When a request was made, by its signature, milliseconds since the epoch. */
export function signedAt({ headers }: AwsRequest): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headers["x-amz-date"] ?? "") ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function anyRole(role: string, form: URLSearchParams): AwsReply {
  const expires = Date.now() + 3_600_000;
  const keys = { AccessKeyId: "ASIASANDBOX", SecretAccessKey: "sandbox", SessionToken: "sandbox" };
  return given(role, form.get("RoleSessionName") ?? "session", { ...keys, Expiration: new Date(expires) });
}

/** A role that is not there and one that does not trust the caller are refused alike, so that nobody can tell them apart. */
function assume(
  roleArn: string,
  form: URLSearchParams,
  organization: Organization,
  sessions: Map<string, Session>,
  now: number,
): AwsReply {
  const [, accountId = "", path = ""] = /^arn:[a-z-]+:iam::(\d{12}):role\/(.+)$/.exec(roleArn) ?? [];
  const sessionName = form.get("RoleSessionName") ?? "";
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) return stsError(400, "ValidationError", "RoleSessionName");
  const seconds = Number(form.get("DurationSeconds") ?? 3_600);
  const account = organization.accounts.get(accountId);
  const role = account?.roles.get(path.slice(path.lastIndexOf("/") + 1));
  const request: AssumeRequest = {
    principalArn: organization.caller,
    organizationId: organization.callerOrganizationId,
    sessionName,
    externalId: form.get("ExternalId"),
  };
  // The roles of an account that is suspended cannot be assumed any more.
  const isThere = account !== undefined && account.state !== "SUSPENDED" && account.state !== "CLOSED";
  if (!isThere || role === undefined || !trusts(role.trust, request)) return refused(organization.caller, roleArn);
  const most = Math.min(role.maxSessionSeconds ?? 3_600, chainedSeconds);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > most) {
    return stsError(400, "ValidationError", `DurationSeconds must be from 900 to ${most} for this role`);
  }
  const keyId = `ASIA${randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase()}`;
  const token = `${SECRET_MARKER}${randomUUID()}`;
  const expires = now + seconds * 1_000;
  const name = assumedArn(roleArn, sessionName);
  sessions.set(keyId, { accountId, name, token, role, expires });
  const keys = { AccessKeyId: keyId, SecretAccessKey: SECRET_MARKER, SessionToken: token };
  return given(account.assumedRoleArn ?? roleArn, sessionName, { ...keys, Expiration: new Date(expires) });
}

/** Who has a session by a role already gets an hour at most: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining */
const chainedSeconds = 3_600;

function given(roleArn: string, session: string, Credentials: object): AwsReply {
  const result = {
    AssumeRoleResult: {
      AssumedRoleUser: { AssumedRoleId: `AROASANDBOX:${session}`, Arn: assumedArn(roleArn, session) },
      Credentials,
    },
    ResponseMetadata: { RequestId: randomUUID() },
  };
  const body = document(element("AssumeRoleResponse", result), NAMESPACE);
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

function assumedArn(roleArn: string, session: string): string {
  return `${roleArn.replace(":iam:", ":sts:").replace(/:role\/(?:.*\/)?/, ":assumed-role/")}/${session}`;
}

function refused(caller: string, resource: string): AwsReply {
  const who = `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${resource}`;
  return stsError(403, "AccessDenied", who);
}

function stsError(status: number, code: string, message: string): AwsReply {
  return wrappedError(status, code, message, NAMESPACE);
}

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
