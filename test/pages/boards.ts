import { type Board, boardOf } from "../../lambda/board/board.ts";
import type { FindingCode } from "../../lambda/judge/catalogue.ts";
import type { DistributionRecord } from "../../lambda/report/distribution-record.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import {
  address,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  finding,
  report,
  runTime,
  silentAddress,
  use,
} from "../tell/records.ts";
import {
  brokenForwarded,
  countedErrors,
  countedQuietly,
  countOf,
  halfImages,
  inventoryFailed,
  privateAlb,
  stoppedCause,
} from "../tell/situations.ts";

/** Boards for pages and widgets. */

export const now = Date.parse(runTime);

export const failing = connectionRecord("api.example.com", {
  verdict: "failing",
  uses: [
    use("E1SHOP", { comment: "Shop", aliases: ["shop.example.com"], pathPatterns: ["/api/*"] }),
    use("E2BLOG", { comment: "Blog", aliases: [], isDefault: true, pathPatterns: ["*"] }),
  ],
  findings: [chainIncomplete],
});
export const atRisk = connectionRecord("soon.example.com", { verdict: "at-risk", findings: [certificateExpiring] });
export const unknown = privateAlb;
export const healthy = connectionRecord("well.example.com", {
  uses: [use("E1SHOP", { aliases: ["shop.example.com"], pathPatterns: ["/static/*"] })],
  observed: {
    addresses: [address("well.example.com"), address("well.example.com", { address: "203.0.113.9", ms: 60 })],
  },
});
export const skipped = connectionRecord("bucket.example.com", {
  verdict: "skipped",
  skipped: "s3-origin",
  observed: { addresses: [] },
  reproduce: null,
});

/** Something of everything. */
export const mixedRecords: readonly ConnectionRecord[] = [
  healthy,
  skipped,
  unknown,
  atRisk,
  failing,
  brokenForwarded,
  halfImages,
];
export const mixed: Board = boardOf(report(mixedRecords, { problems: [inventoryFailed] }));

const counted = connectionRecord("counted.example.com", { verdict: "at-risk", findings: [certificateExpiring] });

/** The same, with what CloudFront counts. */
export const withCounts: Board = boardOf(
  report([...mixedRecords, { ...counted, witness: { traffic: [{ distributionId: "E1SHOP", ...countOf(3211, 0) }] } }], {
    distributionRecords: [
      { ...countedQuietly("E2BLOG", countOf(900, 90, { byStatus: { "502": 0, "504": 0 } })), otherErrors: true },
      countedErrors("E1SHOP", "502", [countOf(1240, 386, { byStatus: { "502": 386, "504": 0 } })], {
        possibleCauses: [stoppedCause],
      }),
      countedQuietly("E1EXAMPLE", countOf(3211, 0)),
    ],
  }),
);

export function boardFrom(records: readonly ConnectionRecord[]): Board {
  return boardOf(report(records));
}

/** What somebody may write into a certificate, an alias or a comment who wants a browser to obey. */
export const attacks: readonly string[] = [
  `<img src=x onerror="window.obeyed=1">`,
  `</style><script>window.obeyed=1</script>`,
  `</title></head><body onload="window.obeyed=1">`,
  `" onmouseover="window.obeyed=1" onfocus="window.obeyed=1" autofocus x="`,
  `' onmouseover='window.obeyed=1' x='`,
  `\` onmouseover=window.obeyed=1 x=\``,
  `--><script>window.obeyed=1</script><!--`,
  `]]><svg onload=window.obeyed=1><use href="data:image/svg+xml,x"/></svg>`,
  `javascript:window.obeyed=1`,
  `https://x" onmouseover="window.obeyed=1`,
  `</cwdb-action><iframe srcdoc="<script>parent.obeyed=1</script>"></iframe>`,
  `</textarea></code></pre></details><script>window.obeyed=1</script>`,
  `&lt;script&gt;window.obeyed=1&lt;/script&gt;`,
  `\u003cscript\u003ewindow.obeyed=1\u003c/script\u003e`,
  `\${window.obeyed=1}{{window.obeyed=1}}`,
  "\u0000<script>\u0000window.obeyed=1</script>\ud800\u202e\u2028",
];

/** A record in which the attack stands wherever a text from outside can. */
export function attackedBy(attack: string, index: number): ConnectionRecord {
  const texts = [attack, attack];
  const place = { id: attack, role: "primary" as const };
  const certificate = {
    subject: attack,
    issuer: attack,
    notBefore: attack,
    notAfter: attack,
    sha256: attack,
    names: texts,
    key: attack,
  };
  const found = finding(attack as FindingCode, {
    effect: index % 2 === 0 ? "502" : "may",
    address: attack,
    title: attack,
    explanation: attack,
    remedy: [attack, `\`${attack}\``],
    evidence: { [attack]: attack, seen: [attack, { [attack]: texts }] },
    source: attack,
  });
  return connectionRecord(`${attack}${index}`, {
    connection: { key: `${attack}${index}`, serverName: attack, acceptedNames: texts, protocols: texts },
    uses: [
      use(attack, {
        distributionDomain: attack,
        comment: attack,
        originId: attack,
        pathPatterns: texts,
        aliases: texts,
        group: place,
        failover: { statusCodes: [502], methods: texts, otherMethods: texts, secondaryOriginIds: texts },
        reroutedBy: [{ pathPattern: attack, arn: attack }],
      }),
    ],
    verdict: index % 2 === 0 ? "failing" : "at-risk",
    findings: [found],
    observed: {
      addresses: [
        address(attack, {
          protocol: attack,
          cipherSuite: attack,
          group: attack,
          signatureScheme: attack,
          chain: [{ ...certificate, notAfter: "2026-12-30T00:00:00Z" }, certificate],
        }),
        silentAddress(attack, { address: attack }),
      ],
    },
    reproduce: attack,
  });
}

/** Distributions for which CloudFront counts errors, with an attack wherever a text from outside can stand. */
export function countedUnder(some: readonly string[]): Board {
  const distributionRecords = some.map((attack, index): DistributionRecord => {
    const counts = [countOf(1_000, 900 - index, { byStatus: { "502": 900 - index, "504": 0 } })];
    const cause = { ...stoppedCause, domain: attack, title: attack };
    const functionErrors = [{ kind: "lambda-at-edge" as const, name: attack, errors: 7 }];
    return countedErrors(attack, "502", counts, index % 2 === 0 ? { possibleCauses: [cause] } : { functionErrors });
  });
  const others = some.map((attack) => ({ ...countedQuietly(attack, countOf(900, 90)), otherErrors: true }));
  return boardOf(report(some.map(attackedBy), { distributionRecords: [...distributionRecords, ...others] }));
}

export const hostile: Board = {
  ...boardOf(
    report(attacks.map(attackedBy), {
      runId: attacks.join(""),
      problems: attacks.map((attack) => ({ ...inventoryFailed, message: attack, remedy: attack })),
    }),
  ),
};
