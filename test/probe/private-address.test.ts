import { describe, expect, it } from "vitest";
import { addressGuard, nonPublicRange, vpcGuard } from "../../lambda/probe/private-address.ts";

describe("nonPublicRange", () => {
  it.each([
    ["127.0.0.1", "loopback"],
    ["169.254.169.254", "link-local"],
    ["10.0.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["100.64.0.1", "shared address space (CGNAT)"],
    ["0.0.0.0", "this network"],
    ["255.255.255.255", "reserved"],
    ["224.0.0.1", "multicast"],
    ["::1", "unspecified or loopback"],
    ["::", "unspecified or loopback"],
    ["fd00:ec2::254", "unique local"],
    ["fe80::1", "link-local"],
    ["::ffff:127.0.0.1", "IPv4 inside IPv6"],
    ["64:ff9b::7f00:1", "IPv4 inside IPv6"],
    ["2002:7f00:1::", "IPv4 inside IPv6"],
    ["192.88.99.1", "6to4 relay (deprecated)"],
    ["168.63.129.16", "Azure's platform"],
    ["::7f00:1", "IPv4 inside IPv6"],
    ["::8.8.8.8", "IPv4 inside IPv6"],
    ["::ffff:0:7f00:1", "IPv4 inside IPv6"],
    ["64:ff9b:1::7f00:1", "IPv4 inside IPv6"],
    ["100::1", "discard-only"],
    ["2001::1", "Teredo"],
    ["2001:0:7f00:1::", "Teredo"],
    ["2001:2::1", "IETF protocol assignments"],
    ["2001:10::1", "IETF protocol assignments"],
    ["2001:20::1", "IETF protocol assignments"],
    ["2001:1ff:ffff::1", "IETF protocol assignments"],
    ["2001:db8::1", "documentation"],
    ["3fff:fff::1", "documentation"],
    ["5f00::1", "segment routing"],
    ["fec0::1", "site-local"],
    ["ff02::1", "multicast"],
    ["1fff::1", "reserved"],
    ["4000::1", "reserved"],
    ["fe00::1", "reserved"],
    ["fe80::1%lo", "link-local"],
    ["not an address", "not an address"],
    ["127.1", "not an address"],
  ])("finds that %s is %s", (address, range) => {
    expect(nonPublicRange(address)).toBe(range);
  });

  it.each([
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "192.0.1.1",
    "192.88.98.1",
    "192.88.100.1",
    "168.63.129.17",
    "2600:9000::1",
    "2a00:1450::1",
    "2001:200::1",
    "2003::1",
    "2c0f::1",
    "3ffd::1",
  ])("lets %s pass", (address) => {
    expect(nonPublicRange(address)).toBeNull();
  });
});

describe("addressGuard", () => {
  it("excepts a network and nothing else", () => {
    const forbids = addressGuard(["127.0.0.0/8"]);
    expect(forbids("127.0.0.9")).toBeNull();
    expect(forbids("10.0.0.1")).toBe("private");
    expect(forbids("::ffff:127.0.0.1")).toBe("IPv4 inside IPv6");
  });

  it.each(["127.0.0.0", "nonsense/8", "127.0.0.0/x"])("refuses %s as a network", (network) => {
    expect(() => addressGuard([network])).toThrow("expected a network");
  });
});

describe("vpcGuard", () => {
  const forbids = vpcGuard({
    ranges: ["10.0.0.0/16", "100.64.0.0/16", "203.0.114.0/24", "2600:1f18:1234::/56", "fd12:3456::/48"],
    neverDial: ["10.0.9.0/24", "10.200.0.0/16"],
    allowed: [],
  });

  it.each(["10.0.0.5", "100.64.1.1", "203.0.114.7", "2600:1f18:1234:1::5", "fd12:3456::5"])(
    "lets %s pass, which is in the VPC",
    (address) => expect(forbids(address)).toBeNull(),
  );

  it.each([
    ["10.0.9.7", "never dialled, by neverDial"],
    ["10.200.0.1", "never dialled, by neverDial"],
    ["10.1.0.5", "outside of the VPC"],
    ["192.168.0.1", "outside of the VPC"],
    ["8.8.8.8", "outside of the VPC"],
    ["2600:1f18:1234:100::5", "outside of the VPC"],
    ["fd00:ec2::254", "outside of the VPC"],
    ["127.0.0.1", "loopback"],
    ["169.254.169.254", "link-local"],
    ["224.0.0.1", "multicast"],
    ["0.0.0.0", "this network"],
    ["fe80::1", "link-local"],
    ["::ffff:10.0.0.5", "IPv4 inside IPv6"],
    ["intranet.internal", "not an address"],
  ])("forbids %s: %s", (address, range) => expect(forbids(address)).toBe(range));

  it("forbids loopback even where the ranges of the VPC name it", () => {
    const wide = vpcGuard({ ranges: ["0.0.0.0/0", "::/0"], neverDial: [], allowed: [] });
    expect(["127.0.0.1", "169.254.169.254", "::1", "8.8.8.8"].map(wide)).toEqual([
      "loopback",
      "link-local",
      "unspecified or loopback",
      null,
    ]);
  });
});
