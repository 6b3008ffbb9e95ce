import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { assumeMemberRole, stsClient } from "../../lambda/aws/assume-role.ts";
import { clientLimits } from "../../lambda/aws/client-limits.ts";
import { type Answering, answering, signIn } from "./answering.ts";

const role = { partition: "aws", accountId: "444455556666", roleName: "origin-watch-inventory" };
const runId = "11111111-2222-3333-4444-555555555555";

let service: Answering;
beforeEach(signIn);
afterEach(async () => {
  vi.unstubAllEnvs();
  await service.close();
});

function answer(
  arn: string,
  credentials = "<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>canary-token</SessionToken>",
) {
  const user = `<AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>${arn}</Arn></AssumedRoleUser>`;
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>${user}<Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
}

async function assumed(body: string, status = 200, id = runId) {
  service = await answering(() => ({ status, body }));
  vi.stubEnv("AWS_ENDPOINT_URL_STS", service.url);
  return await assumeMemberRole(stsClient({ ...clientLimits, maxAttempts: 1 }), role, id, AbortSignal.timeout(60_000));
}

const session = `arn:aws:sts::444455556666:assumed-role/origin-watch-inventory/origin-watch-${runId}`;

describe("the role of an account", () => {
  test("is assumed by name, for the shortest time, in a session named after the run", async () => {
    expect(await assumed(answer(session))).toMatchObject({
      kind: "assumed",
      credentials: { accessKeyId: "ASIA", secretAccessKey: "s", sessionToken: "canary-token" },
    });
    const asked = new URLSearchParams(service.asked[0]);
    expect(Object.fromEntries(asked)).toMatchObject({
      RoleArn: "arn:aws:iam::444455556666:role/origin-watch-inventory",
      RoleSessionName: `origin-watch-${runId}`,
      DurationSeconds: "900",
    });
  });

  test("has a session with a name of AWS's form, whatever the run is called", async () => {
    await assumed(answer(session), 200, `a b/c:${"x".repeat(100)}`);
    expect(new URLSearchParams(service.asked[0]).get("RoleSessionName")).toMatch(/^origin-watch-a-b-c-x{45}$/);
  });

  test.each([
    ["another account", session.replace("444455556666", "999999999999")],
    ["another role", session.replace("inventory", "admin")],
    ["another partition", session.replace("arn:aws:", "arn:aws-cn:")],
    ["another session", `${session}x`],
  ])("is not used where the answer is about %s", async (_, arn) => {
    const failure = { kind: "other", reason: "AWS's answer is about another role" };
    expect(await assumed(answer(arn))).toEqual({ kind: "failed", failure });
  });

  test("is not used without a token", async () => {
    const half = "<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey>";
    expect(await assumed(answer(session, half))).toMatchObject({
      failure: { reason: "AWS's answer holds no credentials" },
    });
  });

  test("may be denied, which says who was denied and nothing of what was sent", async () => {
    const hub = "arn:aws:sts::111122223333:assumed-role/hub/watch";
    const message = `User: ${hub} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::444455556666:role/origin-watch-inventory`;
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`;
    expect(await assumed(body, 403)).toEqual({
      kind: "failed",
      failure: { kind: "denied", reason: `access denied to ${hub}` },
    });
  });
});
