import type { ConnectionRecord, RunProblem } from "../../lambda/report/record.ts";
import {
  address,
  certificate,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionRefused,
  connectionTimedOut,
  expiryFacts,
  finding,
  refusedAt,
  runTime,
  scope,
  silentAddress,
  use,
} from "./records.ts";

/** Origins as runs see them, for messages that people read. */

const apiUses = [
  use("E1EXAMPLE", { comment: "Shop, production" }),
  use("E2EXAMPLE", { pathPatterns: ["*"], aliases: [], distributionDomain: "d111111abcdef8.cloudfront.net" }),
];
const shopUses = [
  use("E3SHOP", { pathPatterns: ["/cart/*", "/checkout/*"], aliases: ["shop.example.com", "example.com"] }),
];
const r11 = certificate("R11", { subject: "CN=R11, O=Let's Encrypt, C=US" });

export const healthyShop = connectionRecord("shop.example.com", { uses: shopUses });
export const brokenApi = connectionRecord("api.example.com", {
  verdict: "failing",
  uses: apiUses,
  findings: [chainIncomplete],
});
export const riskyApi: ConnectionRecord = {
  ...brokenApi,
  verdict: "at-risk",
  findings: [{ ...chainIncomplete, effect: "may", severity: "warning" }],
};
export const disabledApi: ConnectionRecord = {
  ...brokenApi,
  connection: { ...brokenApi.connection, key: "api.example.com:443 skipped" },
  verdict: "skipped",
  skipped: "distribution-disabled",
  findings: [],
  observed: { addresses: [] },
  reproduce: null,
};
export const chainFixedApi = connectionRecord("api.example.com", {
  uses: apiUses,
  observed: { addresses: [address("api.example.com", { chain: [certificate("api.example.com"), r11] })] },
});
export const fixedApi = connectionRecord("api.example.com", {
  uses: apiUses,
  observed: {
    addresses: [
      address("api.example.com", {
        chain: [certificate("api.example.com", { sha256: "ab".repeat(32), notAfter: "2027-02-21T00:00:00Z" }), r11],
      }),
    ],
  },
});

const expired = finding("certificate-expired", {
  title: "certificate expired 2 days ago",
  explanation: "The certificate CN=api.example.com was valid until 2026-11-21 00:00 UTC.",
  remedy: ["Renew the certificate, and make the server load the new one."],
  evidence: { expected: "a certificate that is valid now", seen: "notAfter 2026-11-21T00:00:00Z" },
});
export const brokenTwice: ConnectionRecord = { ...brokenApi, findings: [chainIncomplete, expired] };
export const brokenForwarded = connectionRecord("api.example.com", {
  connection: {
    key: "api.example.com:443 www",
    serverName: "www.example.com",
    acceptedNames: ["www.example.com", "api.example.com"],
  },
  verdict: "failing",
  uses: [use("E1EXAMPLE", { pathPatterns: ["/v2/*"] })],
  findings: [chainIncomplete],
});

export const expiringShop = connectionRecord("shop.example.com", {
  verdict: "at-risk",
  uses: shopUses,
  findings: [certificateExpiring],
  observed: { addresses: [address("shop.example.com", { chain: [certificate("shop.example.com"), r11] })] },
});

/** So many days before the end, as seen at the time of the run. */
export function expiringIn(days: number): ConnectionRecord {
  const end = new Date(Date.parse(runTime) + days * 86_400_000).toISOString().replace(".000Z", "Z");
  const leaf = certificate("shop.example.com", { notAfter: end });
  return {
    ...expiringShop,
    findings: [
      {
        ...certificateExpiring,
        title: `certificate expires in ${days} days`,
        explanation: `The certificate CN=shop.example.com is valid until ${end.slice(0, 16).replace("T", " ")} UTC. From then on CloudFront answers cache misses with 502.`,
        evidence: { ...certificateExpiring.evidence, seen: `notAfter ${end}` },
        facts: expiryFacts(end),
      },
    ],
    observed: { addresses: [address("shop.example.com", { chain: [leaf, r11] })] },
  };
}

export const expiredShop: ConnectionRecord = {
  ...expiringShop,
  verdict: "failing",
  findings: [
    finding("certificate-expired", {
      title: "certificate expired 2 hours ago",
      explanation: "The certificate CN=shop.example.com was valid until 2026-11-23 01:12 UTC.",
      remedy: ["Renew the certificate, and make the server load the new one."],
      evidence: { expected: "a certificate that is valid now", seen: "notAfter 2026-11-23T01:12:40Z" },
    }),
  ],
};

export const halfImages = connectionRecord("img.example.com", {
  verdict: "at-risk",
  uses: [use("E4IMG", { aliases: ["img.example.com"] })],
  findings: [
    finding("some-addresses-failing", {
      effect: "may",
      address: null,
      title: "1 of 2 addresses fails",
      explanation:
        "CloudFront uses one of the addresses for each connection. Cache misses that go to 203.0.113.8 get an error, the others do not.",
      remedy: ["Repair the addresses named below, or take them out of DNS until they work."],
      evidence: {
        expected: "2 working addresses",
        seen: [{ address: "203.0.113.8", codes: ["connection-refused"] }],
      },
    }),
    { ...refusedAt("203.0.113.8", 443), effect: "may", severity: "warning" },
  ],
  reproduce: "openssl s_client -connect 203.0.113.8:443 -servername img.example.com </dev/null",
  observed: {
    addresses: [address("img.example.com"), silentAddress("connection refused", { address: "203.0.113.8" })],
  },
});

const legacy = {
  connection: { port: 8443 },
  uses: [use("E5OLD", { aliases: [], pathPatterns: ["*"], group: { id: "ha", role: "secondary" } as const })],
};
export const refusedLegacy = connectionRecord("legacy.example.com", {
  ...legacy,
  verdict: "failing",
  findings: [refusedAt("203.0.113.7", 8443)],
  observed: { addresses: [silentAddress("connection refused")] },
});
export const timedOutLegacy = connectionRecord("legacy.example.com", {
  ...legacy,
  verdict: "unknown",
  findings: [{ ...connectionTimedOut, title: "port 8443 does not answer from here" }],
  observed: { addresses: [silentAddress("no answer")] },
});
export const answeringLegacy = connectionRecord("legacy.example.com", legacy);

const primaryUse = use("E8SHOP", {
  originId: "primary",
  pathPatterns: ["*"],
  isDefault: true,
  aliases: ["shop.example.net"],
  group: { id: "ha", role: "primary" },
  failover: {
    statusCodes: [500, 502, 503, 504],
    methods: ["GET", "HEAD", "OPTIONS"],
    otherMethods: ["PUT", "POST", "PATCH", "DELETE"],
    secondaryOriginIds: ["secondary"],
  },
});
export const refusedPrimary = connectionRecord("primary.example.net", {
  verdict: "failing",
  uses: [primaryUse],
  findings: [connectionRefused],
  observed: { addresses: [silentAddress("connection refused")] },
});
export const healthySecondary = connectionRecord("secondary.example.net", {
  uses: [{ ...primaryUse, originId: "secondary", group: { id: "ha", role: "secondary" }, failover: null }],
});

const httpPort = {
  connection: { key: "feed.example.com:80", port: 80, serverName: null, acceptedNames: [], protocols: [] },
  uses: [use("E6FEED", { aliases: ["feed.example.com"], pathPatterns: ["/rss/*"] })],
  reproduce: "nc -vz 203.0.113.7 80",
};
export const refusedFeed = connectionRecord("feed.example.com", {
  ...httpPort,
  verdict: "failing",
  findings: [
    finding("http-port-refused", {
      title: "HTTP port 80 refuses connections",
      evidence: { expected: "a TCP connection to port 80", seen: "connection refused" },
    }),
  ],
  observed: { addresses: [silentAddress("connection refused")] },
});
export const acceptedFeed = connectionRecord("feed.example.com", {
  ...httpPort,
  verdict: "skipped",
  skipped: "http-only",
  observed: { addresses: [silentAddress("connection accepted")] },
});

const website = "site.s3-website.eu-central-1.amazonaws.com";
const siteUses = [use("E7SITE", { aliases: ["www.example.org"], pathPatterns: ["*"], isDefault: true })];
export const websiteOverHttps = connectionRecord(website, {
  uses: siteUses,
  verdict: "failing",
  findings: [
    finding("s3-website-over-https", {
      address: null,
      title: "S3 website endpoint, asked over HTTPS",
      remedy: ["Set the origin protocol policy of the origin to HTTP Only."],
      evidence: { expected: "an endpoint that speaks HTTPS", seen: website },
    }),
  ],
  observed: { addresses: [] },
  reproduce: null,
});
export const websiteOverHttp: ConnectionRecord = {
  ...acceptedFeed,
  connection: { ...acceptedFeed.connection, key: `${website}:80`, domain: website },
  uses: siteUses,
};

export const privateAlb = connectionRecord("internal-alb.example.com", {
  verdict: "unknown",
  findings: [
    finding("vpc-origin", { effect: "unseen", address: null, title: "VPC origin: cannot be reached from here" }),
  ],
  observed: { addresses: [] },
  reproduce: null,
});

export function fleet(count: number, verdict: "failing" | "healthy"): readonly ConnectionRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const domain = `origin-${index + 1}.example.com`;
    const notAfter = new Date(Date.parse(runTime) + (index + 30) * 86_400_000).toISOString();
    return connectionRecord(domain, {
      verdict,
      uses: [use(`E${index + 1}`, { aliases: [`site-${index + 1}.example.com`] })],
      findings: verdict === "failing" ? [connectionRefused] : [],
      observed: {
        addresses: [
          verdict === "failing"
            ? silentAddress("connection refused")
            : address(domain, { chain: [certificate(domain, { notAfter })] }),
        ],
      },
    });
  });
}

export const inventoryFailed: RunProblem = {
  code: "inventory-failed",
  scope,
  message:
    "CloudFront would not list the distributions: access denied (cloudfront:ListDistributions). No origin was checked.",
  remedy: "Allow cloudfront:ListDistributions to the function's role.",
};
export const unreadableDistribution: RunProblem = {
  code: "distribution-unreadable",
  scope,
  message: "The settings of distribution E5OLD could not be understood. Its origins were not checked.",
  remedy: "Report this with the log record of the run.",
};
const forged =
  "certificate is not for api.example.com\r\n\r\nAll origins are healthy.\u202e\u200b\ud800 `<!channel>` [x](http://y)";
export const hostileApi = connectionRecord("api.example.com", {
  verdict: "failing",
  uses: [use("E1EXAMPLE", { comment: "line\nbreak", pathPatterns: ["/a\nb/*"] })],
  findings: [
    finding("certificate-name-mismatch", { title: forged, evidence: { seen: [forged], "new\nline": forged } }),
  ],
});
