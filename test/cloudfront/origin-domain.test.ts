import { describe, expect, it } from "vitest";
import { readOriginDomain } from "../../lambda/cloudfront/origin-domain.ts";

describe("endpointOf", () => {
  it.each([
    ["my-site.s3-website-us-east-1.amazonaws.com", "s3-website", "aws", "us-east-1"],
    ["www.example.com.s3-website.eu-central-1.amazonaws.com", "s3-website", "aws", "eu-central-1"],
    ["site.s3-website.cn-northwest-1.amazonaws.com.cn", "s3-website", "aws-cn", "cn-northwest-1"],
    ["site.s3-website-us-gov-west-1.amazonaws.com", "s3-website", "aws-us-gov", "us-gov-west-1"],
    ["bucket.s3.amazonaws.com", "s3-bucket", "aws", null],
    ["my.bucket.s3.eu-west-1.amazonaws.com", "s3-bucket", "aws", "eu-west-1"],
    ["bucket.s3-eu-west-1.amazonaws.com", "s3-bucket", "aws", "eu-west-1"],
    ["bucket.s3.dualstack.eu-west-1.amazonaws.com", "s3-bucket", "aws", "eu-west-1"],
    ["bucket.s3.cn-north-1.amazonaws.com.cn", "s3-bucket", "aws-cn", "cn-north-1"],
    ["ap-123456789012.s3-accesspoint.us-west-2.amazonaws.com", "s3-bucket", "aws", "us-west-2"],
    ["lb-1234567890.us-east-1.elb.amazonaws.com", "load-balancer", "aws", "us-east-1"],
    ["internal-lb-1234567890.eu-west-1.elb.amazonaws.com", "load-balancer", "aws", "eu-west-1"],
    ["dualstack.lb-1234567890.us-east-1.elb.amazonaws.com", "load-balancer", "aws", "us-east-1"],
    ["lb-1234567890.cn-north-1.elb.amazonaws.com.cn", "load-balancer", "aws-cn", "cn-north-1"],
    ["lb-1.us-gov-east-1.elb.amazonaws.com", "load-balancer", "aws-us-gov", "us-gov-east-1"],
    ["nlb-0123456789abcdef.elb.us-east-1.amazonaws.com", "network-load-balancer", "aws", "us-east-1"],
    ["nlb-0123456789abcdef.elb.cn-north-1.amazonaws.com.cn", "network-load-balancer", "aws-cn", "cn-north-1"],
    ["a1b2c3d4e5.execute-api.ap-southeast-2.amazonaws.com", "api-gateway", "aws", "ap-southeast-2"],
    ["d-a1b2c3.execute-api.us-gov-west-1.amazonaws.com", "api-gateway", "aws-us-gov", "us-gov-west-1"],
    ["a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn", "api-gateway", "aws-cn", "cn-north-1"],
    ["abcdefghij.lambda-url.us-east-1.on.aws", "lambda-url", "aws", "us-east-1"],
    ["abc123.data.mediastore.eu-west-1.amazonaws.com", "mediastore", "aws", "eu-west-1"],
    ["abc123.mediapackage.us-west-2.amazonaws.com", "mediapackage", "aws", "us-west-2"],
    ["abc123.egress.def456.mediapackagev2.us-west-2.amazonaws.com", "mediapackage", "aws", "us-west-2"],
    ["ec2-203-0-113-25.compute-1.amazonaws.com", "ec2", "aws", null],
    ["ec2-203-0-113-25.eu-west-1.compute.amazonaws.com", "ec2", "aws", "eu-west-1"],
    ["ec2-203-0-113-25.cn-north-1.compute.amazonaws.com.cn", "ec2", "aws-cn", "cn-north-1"],
    ["a1234567890abcdef.awsglobalaccelerator.com", "global-accelerator", "aws", null],
    ["a1234567890abcdef.dualstack.awsglobalaccelerator.com", "global-accelerator", "aws", null],
    ["d111111abcdef8.cloudfront.net", "cloudfront", "aws", null],
    ["d111111abcdef8.cloudfront.cn", "cloudfront", "aws-cn", null],
  ])("%s is %s", (domain, kind, partition, region) => {
    expect(readOriginDomain(domain)).toEqual({ kind, partition, region });
  });

  it.each([
    "api.example.com",
    "s3-website-us-east-1.amazonaws.com",
    "site.s3-website-us-east-1.amazonaws.com.example.com",
    "site.s3-website-us-east-1.amazonaws.com.evil.cn",
    "s3-website-us-east-1.amazonaws.com.s3.example.com",
    "lb.us-east-1.elb.amazonaws.com.example.org",
    "elb.amazonaws.com",
    "cloudfront.net",
    "d1.cloudfront.net.example.com",
    "notcloudfront.net",
    "abc.lambda-url.us-east-1.on.aws.example.com",
    "xs3-website-us-east-1xamazonaws.com",
    "ec2.example.com",
    "awsglobalaccelerator.com",
    "amazonaws.com",
  ])("%s is somebody's own", (domain) => {
    expect(readOriginDomain(domain)).toEqual({ kind: "host", partition: null, region: null });
  });

  it("takes no time for a name made to take long", () => {
    // Of this process alone: how busy the machine is does not matter. A pattern that backtracks takes minutes.
    const before = process.cpuUsage();
    for (const domain of [`${"a.".repeat(120)}s3-website-`, `${"a-".repeat(120)}b`, "-".repeat(250)])
      readOriginDomain(domain);
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});
