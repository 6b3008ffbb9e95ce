import { originWentDark } from "../../lambda/judge/findings/origin-went-dark.ts";
import { countedTitle } from "../../lambda/report/counted.ts";
import type {
  DistributionEffect,
  DistributionFinding,
  DistributionRecord,
  PossibleCause,
} from "../../lambda/report/distribution-record.ts";
import type { ConnectionRecord, RunProblem } from "../../lambda/report/record.ts";
import type { Traffic } from "../../lambda/witness/traffic.ts";
import {
  address,
  certificate,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionRefused,
  finding,
  runTime,
  scope,
  silentAddress,
  use,
} from "./records.ts";
import {
  expiry,
  ofAddress,
  ofConnection,
  refusedAt,
  samples,
  someFailing,
  timedOutAt,
  vpcOrigin,
  wentDark,
} from "./samples.ts";

const shop = { domain: "shop.example.com" };

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
/** The second account has no name that is known. */
export const sharedApi: ConnectionRecord = {
  ...brokenApi,
  uses: [
    use("E1EXAMPLE"),
    use("E8PARTNER", {
      aliases: ["api.example.net"],
      scope: { accountId: "444455556666", accountName: null, partition: "aws" },
    }),
    use("E9TEST", {
      aliases: ["test.example.com"],
      pathPatterns: ["*"],
      scope: { accountId: "777788889999", accountName: "test", partition: "aws" },
    }),
  ],
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

const expired = expiry("certificate-expired", -2 * 86_400_000);
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
  reproduce:
    "openssl s_client -connect 203.0.113.7:443 -servername shop.example.com </dev/null 2>/dev/null | openssl x509 -noout -subject -dates",
});

/** So many days before the end, as seen at the time of the run. */
export function expiringIn(days: number): ConnectionRecord {
  const end = new Date(Date.parse(runTime) + days * 86_400_000).toISOString().replace(".000Z", "Z");
  const leaf = certificate("shop.example.com", { notAfter: end });
  return {
    ...expiringShop,
    findings: [expiry("certificate-expiring", days * 86_400_000, shop)],
    observed: { addresses: [address("shop.example.com", { chain: [leaf, r11] })] },
  };
}

export const expiredShop: ConnectionRecord = {
  ...expiringShop,
  verdict: "failing",
  findings: [expiry("certificate-expired", -2 * 3_600_000, shop)],
};

/** An origin that answered the day before, as two runs in a row saw it. */
export const stoppedImages = connectionRecord("img.example.com", {
  verdict: "at-risk",
  uses: [use("E4IMG", { aliases: ["img.example.com"] })],
  findings: [
    wentDark(["203.0.113.8"], { since: "2026-11-23T02:57:40.000Z", answeredOn: "2026-11-22" }),
    timedOutAt("203.0.113.8"),
  ],
  reproduce: "openssl s_client -connect 203.0.113.8:443 -servername img.example.com </dev/null",
  observed: { addresses: [silentAddress("connection timed out", { address: "203.0.113.8" })] },
});

export const halfImages = connectionRecord("img.example.com", {
  verdict: "at-risk",
  uses: [use("E4IMG", { aliases: ["img.example.com"] })],
  findings: [
    someFailing(["203.0.113.8"], 2, "connection-refused"),
    { ...refusedAt("203.0.113.8", 443), effect: "may", severity: "warning" },
  ],
  reproduce: "openssl s_client -connect 203.0.113.8:443 -servername img.example.com </dev/null",
  observed: {
    addresses: [address("img.example.com"), silentAddress("connection refused", { address: "203.0.113.8" })],
  },
});

const threeRegions = (failing: string, got: "dns" | "tcp") =>
  ["eu-west-1", "us-east-1", "ap-northeast-1"].map(
    (vantage) => ({ vantage, got: vantage === failing ? got : "certificate" }) as const,
  );
const seenIn = (domain: string, seenFrom: string) => address(domain, { seenFrom });

/** Region by Region: DNS gives one of them an address that does not answer. */
export const imagesByRegion = connectionRecord("img.example.com", {
  verdict: "at-risk",
  uses: [use("E4IMG", { aliases: ["img.example.com"] })],
  findings: samples["some-regions-failing"]()
    .slice(0, 1)
    .map((each) => ({ ...each, mayAnswer: "504", seenFrom: ["us-east-1"] })),
  reproduce: "timeout 10 openssl s_client -connect 198.51.100.9:443 -servername img.example.com </dev/null",
  observed: {
    addresses: [
      seenIn("img.example.com", "eu-west-1"),
      silentAddress("connection timed out", { address: "198.51.100.9", seenFrom: "us-east-1" }),
      seenIn("img.example.com", "ap-northeast-1"),
    ],
    vantages: threeRegions("us-east-1", "dns"),
  },
});

/** Two of three Regions are refused, and one had no time. */
export const refusedInRegions = connectionRecord("img.example.com", {
  verdict: "failing",
  uses: [use("E4IMG", { aliases: ["img.example.com"] })],
  findings: [{ ...refusedAt("203.0.113.7", 443), seenFrom: ["us-east-1", "sa-east-1"] }],
  reproduce: "openssl s_client -connect 203.0.113.7:443 -servername img.example.com </dev/null",
  observed: {
    addresses: ["us-east-1", "sa-east-1"]
      .map((seenFrom) => silentAddress("connection refused", { seenFrom }))
      .concat(seenIn("img.example.com", "eu-west-1")),
    vantages: [
      { vantage: "eu-west-1", got: "certificate" },
      { vantage: "us-east-1", got: "tcp" },
      { vantage: "sa-east-1", got: "tcp" },
      { vantage: "ap-northeast-1", got: "nothing" },
    ],
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
  findings: [timedOutAt("203.0.113.7", 8443)],
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
    ofAddress(
      "http-port-refused",
      { kind: "connect-refused", attempts: 3 },
      { port: 80, connection: { scheme: "http" } },
    ),
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
    ofConnection("s3-website-over-https", { kind: "foreseen", reason: "s3-website-over-https" }, { domain: website }),
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
  findings: [vpcOrigin()],
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

/** The zone of them is gone. */
export const unresolved: readonly ConnectionRecord[] = fleet(12, "failing").map((record, index) => ({
  ...record,
  findings: [ofConnection("dns-name-not-found", { dns: { kind: "name-not-found" } }, record.connection)],
  observed: { addresses: [] },
  reproduce: `dig origin-${index + 1}.example.com A`,
}));

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

/** So many minutes of CloudFront's count, until so many minutes before the run. */
export function countOf(requests: number, errors: number, changes: Partial<Traffic> = {}, ago = 5): Traffic {
  const until = Date.parse(runTime) - ago * 60_000 - 40_000;
  const [from, end] = [until - 15 * 60_000, until].map((time) => new Date(time).toISOString());
  return { from: from ?? "", until: end ?? "", minutes: 15, requests, errors, byStatus: null, ...changes };
}

const images = { domain: "img.example.com", port: 443 };

/** A distribution of which CloudFront counts errors; nothing explains them. */
export function countedErrors(
  distributionId: string,
  effect: DistributionEffect,
  counted: readonly Traffic[],
  changes: Partial<DistributionFinding> = {},
): DistributionRecord {
  const [current] = counted.slice(-1);
  return {
    distributionId,
    scope,
    traffic:
      current === undefined
        ? { kind: "unknown", reason: "nobody asked" }
        : { kind: "counted", current, previous: null },
    otherErrors: false,
    findings: [
      {
        code: "viewers-get-errors",
        effect,
        title: countedTitle(effect),
        counted,
        possibleCauses: [],
        inOrder: [{ domain: "api.example.com", port: 443 }],
        functionErrors: [],
        ...changes,
      },
    ],
    over: [],
  };
}

/** The same distribution, where the count has been low for an hour. */
export function countedFine(distributionId: string, requests = 3211): DistributionRecord {
  return {
    ...countedErrors(distributionId, "502", [countOf(requests, 0)]),
    findings: [],
    over: ["viewers-get-errors"],
  };
}

/** A distribution of which CloudFront was asked, where nothing is to be told of it. */
export function countedQuietly(distributionId: string, current: Traffic): DistributionRecord {
  return { ...countedFine(distributionId), traffic: { kind: "counted", current, previous: null }, over: [] };
}

/** The same origin, where CloudFront's own count shows that it gets no answer either. */
export const countedImages: ConnectionRecord = {
  ...stoppedImages,
  verdict: "failing",
  findings: stoppedImages.findings.map((finding) => {
    if (finding.code !== "origin-went-dark") return finding;
    const { doubt: _, ...certain } = finding;
    const { mayAnswer: __, ...rest } = certain;
    const explanation = `${rest.cause} CloudFront's own count shows that it meets the same.`;
    const remedy = originWentDark.remedyWhereCounted ?? [];
    const facts = { ...rest.facts, confirmedBy: "count" } as const;
    return { ...rest, effect: "504", severity: "critical", explanation, remedy, facts };
  }),
};

/** An origin that fails, where CloudFront answered a request with its own error. */
export const confirmedApi: ConnectionRecord = {
  ...brokenApi,
  uses: brokenApi.uses.slice(0, 1),
  findings: brokenApi.findings.map((finding) => ({
    ...finding,
    cause: `${finding.cause} Confirmed: CloudFront itself answered 502 at 2026-11-23 03:11 UTC.`,
    facts: { ...finding.facts, confirmedBy: "answer" as const },
  })),
};

/** What is open on an origin of it. */
export const stoppedCause: PossibleCause = {
  ...images,
  code: "origin-went-dark",
  effect: "may",
  title: "stopped answering on port 443",
  openSince: "2026-11-22T22:12:40.000Z",
};

export const unseenCause: PossibleCause = {
  domain: "internal-alb.example.com",
  port: 443,
  code: "vpc-origin",
  effect: "unseen",
  title: "VPC origin, not reachable from outside its VPC",
  openSince: null,
};
