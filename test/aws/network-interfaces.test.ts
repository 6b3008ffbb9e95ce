import { EC2Client } from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isResolvable, readInterfaces } from "../../lambda/aws/network-interfaces.ts";
import type { BoxInterface } from "../sandbox/aws/ec2.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";

const arn = (rest: string) => `arn:aws:${rest}`;
const alb = arn("elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/0123456789abcdef");
const nlb = arn("elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/mail/fedcba9876543210");
const instance = arn("ec2:us-east-1:123456789012:instance/i-0123456789abcdef0");

const managed = { vpcId: "vpc-1", requesterManaged: true };
const interfaces: readonly BoxInterface[] = [
  { ...managed, description: "ELB app/shop/0123456789abcdef", privateIpAddress: "10.0.0.1" },
  {
    ...managed,
    description: "ELB app/shop/0123456789abcdef",
    privateIpAddress: "10.0.1.1",
    ipv6Addresses: ["fd00::1"],
  },
  { ...managed, description: "ELB app/shop/0123456789abcdef", privateIpAddress: "10.0.2.1" },
  // Anybody may write this on one of his own.
  { ...managed, requesterManaged: false, description: "ELB app/shop/0123456789abcdef", privateIpAddress: "10.0.9.9" },
  { ...managed, description: "ELB net/mail/fedcba9876543210", privateIpAddress: "10.0.0.2" },
  {
    ...managed,
    requesterManaged: false,
    description: "",
    privateIpAddress: "10.0.0.3",
    instanceId: "i-0123456789abcdef0",
  },
];

let aws: AwsEndpoint;
let client: EC2Client;
beforeEach(async () => {
  aws = await startAwsEndpoint({ interfaces });
  client = new EC2Client({ ...aws.client, maxAttempts: 1 });
});
afterEach(() => aws.close());

it("finds the addresses of load balancers and instances, page by page, and believes no description of somebody else", async () => {
  const { found, failure } = await readInterfaces(client, [alb, nlb, instance], AbortSignal.timeout(60_000));
  expect(failure).toBeNull();
  expect([...found]).toEqual([
    [alb, { vpcId: "vpc-1", ipv4: ["10.0.0.1", "10.0.1.1", "10.0.2.1"], ipv6: ["fd00::1"] }],
    [nlb, { vpcId: "vpc-1", ipv4: ["10.0.0.2"], ipv6: [] }],
    [instance, { vpcId: "vpc-1", ipv4: ["10.0.0.3"], ipv6: [] }],
  ]);
});

it("says why it does not know, and keeps what it has", async () => {
  aws.failNext("ec2:DescribeNetworkInterfaces", "none");
  aws.failNext("ec2:DescribeNetworkInterfaces", "access-denied");
  const { found, failure } = await readInterfaces(client, [alb], AbortSignal.timeout(60_000));
  expect(failure).toMatchObject({ kind: "denied" });
  expect(found.get(alb)?.ipv4).toEqual(["10.0.0.1", "10.0.1.1"]);
});

it.each(["proxy-page", "empty-answer", "half-answer", "throttle"] as const)(
  "takes a %s for no answer",
  async (fault) => {
    aws.failNext("ec2:DescribeNetworkInterfaces", fault);
    const { found, failure } = await readInterfaces(client, [alb], AbortSignal.timeout(60_000));
    expect(failure).not.toBeNull();
    expect(found.size).toBe(0);
  },
);

it("asks for nothing but load balancers of applications and networks, and instances", () => {
  const others = [
    arn("elasticloadbalancing:us-east-1:123456789012:loadbalancer/shop"),
    arn("elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/shop/0123456789abcdef"),
    arn("elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/*/0123456789abcdef"),
    arn("ec2:us-east-1:123456789012:instance/i-*"),
    arn("s3:::bucket"),
  ];
  expect(others.filter(isResolvable)).toEqual([]);
  expect([alb, nlb, instance].filter(isResolvable)).toHaveLength(3);
});
