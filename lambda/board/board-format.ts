import * as v from "valibot";
import { unknownScope } from "../configuration/scope.ts";
import type { Json } from "../judge/evidence.ts";
import { printable } from "../text/printable.ts";
import type { Board } from "./board.ts";

export type ParsedBoard =
  | { readonly kind: "board"; readonly board: Board }
  | { readonly kind: "unreadable"; readonly problem: string };

export function serializeBoard(board: Board): string {
  return [...boardPieces(board)].join("");
}

/** The text of a board record by record: of thousands of origins it has many megabytes, and nobody needs all of it at once. */
export function* boardPieces({ records, ...rest }: Board): Generator<string, void> {
  yield `${JSON.stringify(rest).slice(0, -1)},"records":[`;
  for (const [index, record] of records.entries()) yield `${index === 0 ? "" : ","}${JSON.stringify(record)}`;
  yield "]}";
}

/** Reads a stored board. Somebody else may have written the object, so its shape is checked before it is shown. */
export function parseBoard(text: string): ParsedBoard {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: "unreadable", problem: "it is not JSON" };
  }
  const parsed = v.safeParse(boardSchema, json, { abortEarly: true });
  if (parsed.success) return { kind: "board", board: parsed.output };
  const [issue] = parsed.issues;
  return { kind: "unreadable", problem: printable(`${v.getDotPath(issue) ?? "the object"}: ${issue.message}`, 300) };
}

const time = v.pipe(v.string(), v.isoTimestamp());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const nullableText = v.nullable(v.string());
const texts = v.array(v.string());
const verdict = v.picklist(["failing", "at-risk", "unknown", "healthy", "skipped"]);
const json = v.custom<Json>((value) => value !== undefined);

const use = v.object({
  distributionId: v.string(),
  // A board of an earlier version knows no scopes.
  scope: v.optional(
    v.object({ accountId: nullableText, accountName: nullableText, partition: nullableText }),
    unknownScope,
  ),
  distributionDomain: nullableText,
  comment: v.string(),
  originId: v.string(),
  pathPatterns: texts,
  aliases: texts,
  group: v.nullable(v.object({ id: v.string(), role: v.picklist(["primary", "secondary"]) })),
  isDefault: v.boolean(),
  enabled: v.boolean(),
  staging: v.boolean(),
  tenants: v.nullable(count),
  viewerSchemes: v.array(v.picklist(["https", "http"])),
  failover: v.nullable(
    v.object({ statusCodes: v.array(v.number()), methods: texts, otherMethods: texts, secondaryOriginIds: texts }),
  ),
  reroutedBy: v.array(v.object({ pathPattern: v.string(), arn: v.string() })),
  functionsBefore: v.exactOptional(
    v.object({
      functions: v.array(
        v.object({
          pathPattern: v.string(),
          arn: v.string(),
          eventType: v.string(),
          runtime: v.picklist(["cloudfront-functions", "lambda-at-edge"]),
          code: v.exactOptional(v.picklist(["passes-on", "may-answer", "may-choose-origin"])),
        }),
      ),
      afterDns: v.boolean(),
    }),
  ),
  originShield: v.exactOptional(v.string()),
  errorPages: v.exactOptional(v.array(v.object({ path: v.string(), statusCodes: v.array(v.number()) }))),
});

const finding = v.object({
  code: v.string(),
  effect: v.picklist(["502", "504", "may", "unseen", "note"]),
  severity: v.picklist(["critical", "warning", "info"]),
  address: nullableText,
  title: v.string(),
  // A board of an earlier version has none.
  cause: v.exactOptional(v.string()),
  doubt: v.exactOptional(v.string()),
  mayAnswer: v.exactOptional(v.literal("504")),
  explanation: v.string(),
  remedy: texts,
  evidence: v.record(v.string(), json),
  source: v.string(),
  seenFrom: v.exactOptional(texts),
});

const certificate = v.object({
  subject: v.string(),
  issuer: v.string(),
  // Empty where the certificate could not be read.
  notBefore: v.string(),
  notAfter: v.string(),
  sha256: v.string(),
  names: texts,
  key: v.string(),
});

const traffic = v.object({
  from: time,
  until: time,
  minutes: count,
  requests: count,
  errors: count,
  byStatus: v.nullable(v.object({ "502": count, "504": count })),
});

const record = v.object({
  schemaVersion: v.literal(1),
  connection: v.object({
    key: v.string(),
    domain: v.string(),
    port: v.pipe(count, v.maxValue(65_535)),
    serverName: nullableText,
    acceptedNames: texts,
    protocols: texts,
    family: v.picklist(["ipv4", "ipv6", "dualstack"]),
  }),
  uses: v.array(use),
  verdict,
  skipped: v.nullable(v.picklist(["s3-origin", "http-only", "distribution-disabled", "no-viewers", "origin-unused"])),
  findings: v.array(finding),
  observed: v.object({
    addresses: v.array(
      v.object({
        address: v.string(),
        outcome: v.string(),
        protocol: nullableText,
        cipherSuite: nullableText,
        group: nullableText,
        signatureScheme: nullableText,
        chain: v.array(certificate),
        ms: v.number(),
        // A board of an earlier version does not tell.
        seenFrom: v.optional(v.string(), "here"),
      }),
    ),
    vantages: v.exactOptional(
      v.array(
        v.object({
          vantage: v.string(),
          got: v.picklist(["nothing", "dns", "tcp", "tls", "certificate"]),
          decides: v.exactOptional(v.literal(true)),
        }),
      ),
    ),
  }),
  reproduce: nullableText,
  witness: v.exactOptional(
    v.object({ traffic: v.exactOptional(v.array(v.object({ distributionId: v.string(), ...traffic.entries }))) }),
  ),
  leftOut: v.exactOptional(
    v.object({
      evidence: v.exactOptional(count),
      uses: v.exactOptional(count),
      certificateNames: v.exactOptional(count),
      addresses: v.exactOptional(count),
      findings: v.exactOptional(count),
    }),
  ),
});

const countedDistribution = v.object({
  distributionId: v.string(),
  code: nullableText,
  effect: v.picklist(["502", "504", "5xx"]),
  count: traffic,
  possibleCauses: v.array(
    v.object({
      domain: v.string(),
      port: v.pipe(count, v.maxValue(65_535)),
      code: v.string(),
      effect: v.picklist(["502", "504", "may", "unseen"]),
      title: v.string(),
      openSince: v.nullable(time),
    }),
  ),
  functionErrors: v.array(
    v.object({ kind: v.picklist(["cloudfront-function", "lambda-at-edge"]), name: v.string(), errors: count }),
  ),
});

const boardSchema: v.GenericSchema<unknown, Board> = v.object({
  schemaVersion: v.literal(1),
  runId: v.string(),
  startedAt: time,
  finishedAt: time,
  distributions: count,
  origins: v.object({ failing: count, "at-risk": count, unknown: count, healthy: count, skipped: count }),
  records: v.array(record),
  recordsLeftOut: count,
  // A board of an earlier version has none.
  counted: v.optional(v.array(countedDistribution), []),
  countedLeftOut: v.optional(count, 0),
  problems: v.array(v.object({ code: v.string(), message: v.string(), remedy: v.string() })),
  problemsLeftOut: v.exactOptional(count),
  accounts: v.exactOptional(v.object({ watched: count, read: count })),
  badDays: v.exactOptional(v.record(v.string(), v.record(v.string(), v.picklist(["failing", "at-risk"])))),
});
