import { describe, expect, test } from "vitest";
import { scopeId, scopeOfArn, unknownScope } from "../../lambda/configuration/scope.ts";

describe("scopeOfArn", () => {
  test.each([
    ["arn:aws:cloudfront::111122223333:distribution/E1", "111122223333", "aws"],
    ["arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:watch:live", "111122223333", "aws-us-gov"],
    ["arn:aws:s3:::bucket", null, "aws"],
    ["arn:aws:cloudfront::1111 2222:distribution/E1", null, "aws"],
  ])("reads %s", (arn, accountId, partition) => {
    expect(scopeOfArn(arn)).toEqual({ accountId, accountName: null, partition });
  });

  test.each([undefined, 3, "", "E1", "arn:evil\n:cloudfront::111122223333:x", "urn:aws:cloudfront::111122223333:x"])(
    "takes nothing from %j",
    (arn) => {
      expect(scopeOfArn(arn)).toBe(unknownScope);
    },
  );
});

test("a scope is the same under another name, and differs by account and by partition", () => {
  const scope = { accountId: "111122223333", accountName: "shop", partition: "aws" };
  expect(scopeId({ ...scope, accountName: null })).toBe(scopeId(scope));
  const others = [null, unknownScope, { ...scope, partition: "aws-cn" }, { ...scope, accountId: "444455556666" }];
  expect(new Set([...others, scope].map(scopeId)).size).toBe(5);
});
