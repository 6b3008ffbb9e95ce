import { promises } from "node:dns";
import { existsSync, readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import { CloudFrontClient, ListDistributionsCommand } from "@aws-sdk/client-cloudfront";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Account, startAccount } from "./account.ts";
import { SECRET_MARKER } from "./account-distributions.ts";
import { onceAdmitted } from "./admitted.ts";
import { certificatesOnTheWire } from "./wire-tap.ts";

let account: Account;

beforeAll(async () => {
  account = await startAccount();
});

afterAll(() => account.close());

function origin(domain: string, box = account) {
  const found = box.origins.find((candidate) => candidate.domain === domain);
  if (found === undefined) throw new Error(`no ${domain}`);
  return found;
}

/** What an ordinary, strict TLS client that trusts the account's root makes of an origin. */
function verdict(domain: string, options: ConnectionOptions = {}, box = account): Promise<string> {
  const { port } = origin(domain, box);
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, servername: domain, ca: box.caPem, ...options });
    const finish = (outcome: string) => {
      socket.destroy();
      resolve(outcome);
    };
    onceAdmitted(socket, () => finish(socket.getProtocol() ?? ""));
    socket.once("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
}

describe("each origin has its one defect and no other", () => {
  it.each([
    ["healthy.box.test", "TLSv1.3"],
    ["tls12-only.box.test", "TLSv1.2"],
    ["tls13-only.box.test", "TLSv1.3"],
    ["rsa.box.test", "TLSv1.3"],
    ["host-mismatch.box.test", "TLSv1.3"],
    ["expired.box.test", "CERT_HAS_EXPIRED"],
    ["not-yet-valid.box.test", "CERT_NOT_YET_VALID"],
    ["expiring.box.test", "TLSv1.3"],
    ["wrong-name.box.test", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["self-signed.box.test", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["private-ca.box.test", "SELF_SIGNED_CERT_IN_CHAIN"],
    ["incomplete.box.test", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["out-of-order.box.test", "TLSv1.3"],
    ["superfluous.box.test", "TLSv1.3"],
    ["tls11.box.test", "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"],
    ["mtls.box.test", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"],
    ["mtls-optional.box.test", "TLSv1.3"],
    ["strict-sni.box.test", "ERR_SSL_TLSV1_UNRECOGNIZED_NAME"],
    ["refused.box.test", "ECONNREFUSED"],
    ["internal.box.test", "ECONNREFUSED"],
    ["half-broken.box.test", "TLSv1.3"],
  ])("%s: %s", async (domain, expected) => {
    expect(await verdict(domain)).toBe(expected);
  });

  it("alb.box.test answers for the viewer's names only", async () => {
    expect(await verdict("alb.box.test")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(await verdict("alb.box.test", { servername: "app.example.com" })).toBe("TLSv1.3");
  });

  it("tls11.box.test speaks TLS 1.1", async () => {
    expect(await verdict("tls11.box.test", { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" })).toBe("TLSv1.1");
  });

  it("half-broken.box.test is expired on its second address", async () => {
    expect(await verdict("half-broken.box.test", { host: "127.0.0.2" })).toBe("CERT_HAS_EXPIRED");
  });

  it("plain-http.box.test and http-only.box.test answer in HTTP", async () => {
    for (const domain of ["plain-http.box.test", "http-only.box.test"]) {
      const socket = connectTcp({ host: "127.0.0.1", port: origin(domain).port });
      socket.write("x");
      expect((await socket.toArray()).join("")).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  it.each([
    ["incomplete.box.test", 1],
    ["healthy.box.test", 3],
    ["superfluous.box.test", 4],
  ])("%s sends %i certificates", async (domain, count) => {
    expect(await certificatesOnTheWire({ address: "127.0.0.1", port: origin(domain).port })).toHaveLength(count);
  });

  it("out-of-order.box.test sends its intermediates reversed", async () => {
    const target = (domain: string) => ({ address: "127.0.0.1", port: origin(domain).port });
    const [, ...right] = await certificatesOnTheWire(target("healthy.box.test"));
    const [, ...reversed] = await certificatesOnTheWire(target("out-of-order.box.test"));
    expect(reversed).toEqual(right.toReversed());
  });
});

it("lists the same distributions to the SDK as to the command line", async () => {
  const client = new CloudFrontClient({
    ...account.aws.client,
  });
  const { DistributionList: list } = await client.send(new ListDistributionsCommand({}));
  client.destroy();
  expect(JSON.parse(JSON.stringify(list?.Items))).toEqual(account.listDistributionsJson().DistributionList.Items);
});

it("uses every origin in a distribution, a few in two", () => {
  const text = account.listDistributionsJson().DistributionList.Items.map((item) => JSON.stringify(item));
  for (const { domain, port } of account.origins) {
    const used = text.filter((item) => item.includes(`"DomainName":"${domain}"`));
    expect([domain, used.length]).toEqual([domain, ["healthy.box.test", "alb.box.test"].includes(domain) ? 2 : 1]);
    expect(used[0]).toContain(`"${domain === "http-only.box.test" ? "HTTPPort" : "HTTPSPort"}":${port}`);
  }
});

it("has a secret in the custom headers of four origins and nowhere else", () => {
  expect(JSON.stringify(account.listDistributionsJson()).split(SECRET_MARKER)).toHaveLength(5);
});

it("has no address beyond loopback, unless told", async () => {
  const resolver = new promises.Resolver();
  resolver.setServers([account.dns.address]);
  for (const { domain } of account.origins.filter((candidate) => candidate.domain !== "missing.box.test")) {
    for (const address of await resolver.resolve4(domain)) expect(address).toMatch(/^127\.0\.0\.[12]$/);
  }
  const box = await startAccount({ privateAddress: "10.0.0.1" });
  resolver.setServers([box.dns.address]);
  expect(await resolver.resolve4("internal.box.test")).toEqual(["10.0.0.1"]);
  expect(origin("internal.box.test", box).expectedCodes).toEqual(["dns-private-address"]);
  await box.close();
});

it("puts its root into a file", () => {
  expect(readFileSync(account.caFile, "utf8")).toBe(account.caPem);
});

it("counts connections per origin", async () => {
  const before = origin("healthy.box.test").connections();
  await verdict("healthy.box.test");
  expect(origin("healthy.box.test").connections()).toBe(before + 1);
  expect(origin("retired.box.test").connections()).toBe(0);
});

describe("repair and expire", () => {
  let box: Account;

  beforeAll(async () => {
    box = await startAccount();
  });

  afterAll(() => box.close());

  it.each(["expired.box.test", "tls11.box.test", "plain-http.box.test", "refused.box.test", "strict-sni.box.test"])(
    "repairs %s on its port",
    async (domain) => {
      const { port } = origin(domain, box);
      await box.repair(domain);
      expect(origin(domain, box).port).toBe(port);
      expect(await verdict(domain, {}, box)).toBe("TLSv1.3");
    },
  );

  it("repairs both addresses of half-broken.box.test", async () => {
    await box.repair("half-broken.box.test");
    expect(await verdict("half-broken.box.test", { host: "127.0.0.2" }, box)).toBe("TLSv1.3");
  });

  it("lets a healthy origin expire, and keeps counting its connections", async () => {
    expect(await verdict("healthy.box.test", {}, box)).toBe("TLSv1.3");
    await box.expire("healthy.box.test");
    expect(await verdict("healthy.box.test", {}, box)).toBe("CERT_HAS_EXPIRED");
    expect(origin("healthy.box.test", box).connections()).toBe(2);
  });

  it("says so where there is nothing to repair", async () => {
    await expect(box.repair("missing.box.test")).rejects.toThrow("missing.box.test has no server");
  });
});

it("leaves nothing behind when it closes", async () => {
  const box = await startAccount();
  await box.close();
  expect(existsSync(box.caFile)).toBe(false);
  expect(await verdict("healthy.box.test", {}, box)).toBe("ECONNREFUSED");
  await expect(fetch(box.aws.url)).rejects.toThrow("fetch failed");
});
