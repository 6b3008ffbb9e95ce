import { describe, expect, it } from "vitest";
import { readAccessDenied } from "../../lambda/aws/access-denied.ts";

const user = "arn:aws:iam::123456789012:user/alice";
const nothing = { caller: null, action: null, resource: null, forbiddenBy: null };

describe("readAccessDenied", () => {
  it.each([
    [
      `User: ${user} is not authorized to perform: cloudfront:ListDistributions because no identity-based policy allows the cloudfront:ListDistributions action`,
      { ...nothing, caller: user, action: "cloudfront:ListDistributions" },
    ],
    [
      `User: ${user} is not authorized to perform: sts:AssumeRole on resource: arn:aws-cn:iam::210987654321:role/path/Reader`,
      { ...nothing, caller: user, action: "sts:AssumeRole", resource: "arn:aws-cn:iam::210987654321:role/path/Reader" },
    ],
    [
      "User: arn:aws:sts::123456789012:assumed-role/Reader/alice@example.com is not authorized to perform: cloudfront:GetVpcOrigin on resource: arn:aws:cloudfront::123456789012:vpcorigin/vo_1 with an explicit deny in a service control policy",
      {
        caller: "arn:aws:sts::123456789012:assumed-role/Reader/alice@example.com",
        action: "cloudfront:GetVpcOrigin",
        resource: "arn:aws:cloudfront::123456789012:vpcorigin/vo_1",
        forbiddenBy: "service control policy",
      },
    ],
    ["Access Denied", nothing],
    ["", nothing],
  ])("reads %j", (message, expected) => {
    expect(readAccessDenied(message)).toEqual(expected);
  });

  it("takes nothing that is no ARN, no action and no kind of policy", () => {
    const hostile =
      "User: \u001b[31mroot is not authorized to perform: rm -rf / on resource: <script> with an explicit deny in a \u202epolicy";
    expect(readAccessDenied(hostile)).toEqual(nothing);
  });
});
