import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { publication } from "../../lambda/aws/sns.ts";
import type { Draft } from "../../lambda/incidents/change.ts";
import { copiedAside, unreadableNow } from "../../lambda/incidents/memory-lost.ts";
import type { MuteClaim } from "../../lambda/incidents/mute-claim.ts";
import { type AlertPolicy, defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Message } from "../../lambda/incidents/ports.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { DistributionRecord } from "../../lambda/report/distribution-record.ts";
import type { ConnectionRecord, RunReport } from "../../lambda/report/record.ts";
import { lateMessage, renderDraft } from "../../lambda/tell/message.ts";
import type { MessageContext } from "../../lambda/tell/summary.ts";
import { logGroup, place, region, report, runTime, scope, topicArn } from "./records.ts";
import * as given from "./situations.ts";

const now = new Date(runTime);
const hours = (count: number) => new Date(now.getTime() - count * 3_600_000);
const atOnce = { ...defaultAlertPolicy, confirmations: 1 };

/** The state after these runs, the first one so many hours ago. */
function told(...runs: readonly (readonly [number, RunReport])[]): State {
  return runs.reduce<State>((state, [ago, run]) => step(state, run, hours(ago), atOnce).next, emptyState);
}

type Options = {
  readonly policy?: AlertPolicy;
  readonly context?: MessageContext;
  readonly remarks?: readonly string[];
  readonly asOne?: boolean;
};

function drafts(before: State | null, run: RunReport, { policy = defaultAlertPolicy, asOne = false }: Options = {}) {
  return step(before, run, now, policy, { asOne }).drafts;
}

function rendered(drafted: readonly Draft[], run: RunReport, options: Options = {}): readonly Message[] {
  const { context = { scope, region, logGroup, ...place }, remarks = [] } = options;
  return drafted.map((draft) => renderDraft(draft, run, context, remarks));
}

/** Each file in golden/ is what people, programs and chats get in one situation. Read it when it changes. */
async function expectMessages(name: string, messages: readonly Message[]): Promise<void> {
  await expect(messages.map(shown).join("\n\n")).toMatchFileSnapshot(`golden/${name}.txt`);
}

function shown(message: Message, index: number): string {
  const { MessageAttributes = {}, Message: payload = "" } = publication(message, topicArn);
  const parts = JSON.parse(payload) as Readonly<Record<string, string>>;
  const pretty = (json: string | undefined) => JSON.stringify(JSON.parse(json ?? "null"), null, 2);
  return [
    `======== message ${index + 1}: e-mail ========\nSubject: ${message.subject}\n\n${parts.email}`,
    `-------- sms --------\n${parts.sms}`,
    `-------- attributes --------\n${Object.entries(MessageAttributes)
      .map(([attribute, { StringValue }]) => `${attribute}: ${StringValue}`)
      .join("\n")}`,
    `-------- sqs, lambda, http --------\n${pretty(parts.sqs)}`,
    `-------- https: chat --------\n${pretty(parts.https)}\n`,
  ].join("\n\n");
}

async function situation(name: string, before: State | null, run: RunReport, options: Options = {}): Promise<void> {
  await expectMessages(name, rendered(drafts(before, run, options), run, options));
}

const introducing: AlertPolicy = { ...defaultAlertPolicy, firstMessage: "now" };

test("the first message after deployment, with an alert of the same run and what cannot be checked", async () => {
  const run = report([
    given.brokenApi,
    given.expiringShop,
    given.timedOutLegacy,
    given.privateAlb,
    given.answeringLegacy,
  ]);
  await situation("started", null, run, { policy: introducing });
});

test("the first message after deployment, where CloudFront counts errors and all origins pass", async () => {
  const counted = given.countedErrors("E1EXAMPLE", "502", [
    given.countOf(1_240, 386, { byStatus: { "502": 386, "504": 0 } }),
  ]);
  const run = report([given.answeringLegacy], { distributionRecords: [counted] });
  await situation("started-with-counts", null, run, { policy: introducing });
});

test("the first message after deployment, where all is well", async () => {
  const policy = { ...introducing, weeklyDigest: true };
  const context = { scope, region, logGroup, ...place, reminders: policy };
  await situation("started-all-clear", null, report(given.fleet(3, "healthy")), { policy, context });
});

test("origins that could not be checked are checked again", async () => {
  const before = told([50, report([given.timedOutLegacy])], [49, report([given.timedOutLegacy])]);
  await situation("checked-again", before, report([given.answeringLegacy]));
});

test("one origin breaks for two distributions", async () => {
  await situation("one-origin", told([3, report([given.healthyShop])]), report([given.brokenApi, given.healthyShop]));
});

test("one origin breaks for distributions of three accounts, which may be muted by tags, late in the evening", async () => {
  const run = report([given.sharedApi], { finishedAt: "2026-11-23T21:30:00.000Z" });
  const context = { scope, region, logGroup, ...place, muteTags: true };
  await situation("three-accounts", emptyState, run, { context });
});

test("one origin is at risk", async () => {
  await situation("at-risk", emptyState, report([given.expiringShop]));
});

test("an origin breaks while another one is still open", async () => {
  const old = report([given.refusedLegacy]);
  await situation("beside-another", told([30, old], [5, old]), report([given.brokenApi, given.refusedLegacy]));
});

test("one of two addresses fails, confirmed by a second run", async () => {
  const before = step(emptyState, report([given.halfImages]), hours(0.25), defaultAlertPolicy).next;
  await situation("some-addresses", before, report([given.halfImages]));
});

test("Regions that disagree, and most of them that agree", async () => {
  const vantages = ["eu-west-1", "us-east-1", "ap-northeast-1"];
  const differs = report([given.imagesByRegion], { vantages });
  const once = step(emptyState, differs, hours(0.25), defaultAlertPolicy).next;
  await situation("some-regions", once, differs);
  const refused = report([given.refusedInRegions], { vantages: [...vantages, "sa-east-1"] });
  const before = step(emptyState, refused, hours(0.25), defaultAlertPolicy).next;
  await situation("refused-from-most-regions", before, refused);
});

test("an origin stopped answering, confirmed by a second run", async () => {
  const before = step(emptyState, report([given.stoppedImages]), hours(0.25), defaultAlertPolicy).next;
  await situation("stopped-answering", before, report([given.stoppedImages]));
});

test("the primary origin of a group, whose secondary is healthy", async () => {
  await situation("primary-origin", emptyState, report([given.refusedPrimary, given.healthySecondary]), {
    policy: atOnce,
  });
});

test("the secondary origin of a group, on another port", async () => {
  await situation("secondary-origin", emptyState, report([given.refusedLegacy]), { policy: atOnce });
});

test("an origin is broken in several ways, under two server names", async () => {
  await situation("several-findings", emptyState, report([given.brokenTwice, given.brokenForwarded]));
});

test("an expiry comes nearer", async () => {
  const before = told([24 * 5, report([given.expiringIn(11)])]);
  await situation("expiry-nearer", before, report([given.expiringIn(5)]));
});

test("an expiring certificate has expired", async () => {
  await situation("expired", told([26, report([given.expiringIn(1)])]), report([given.expiredShop]));
});

test("a risk becomes an error", async () => {
  await situation("worsened", told([5, report([given.riskyApi])]), report([given.brokenApi]));
});

test("one origin is fixed by a new certificate, another still fails", async () => {
  const before = told([3, report([given.brokenApi, given.refusedLegacy])]);
  await situation("fixed", before, report([given.fixedApi, given.refusedLegacy]));
});

test("a chain is complete again", async () => {
  await situation("chain-complete", told([3, report([given.brokenApi])]), report([given.chainFixedApi]));
});

test("a port answers again", async () => {
  await situation("answers-again", told([50, report([given.refusedLegacy])]), report([given.answeringLegacy]));
});

test("an HTTP port accepts connections again", async () => {
  await situation("http-port-again", told([3, report([given.refusedFeed])]), report([given.acceptedFeed]));
});

test("an S3 website is asked over HTTP now, as the advice was", async () => {
  await situation("http-only-now", told([3, report([given.websiteOverHttps])]), report([given.websiteOverHttp]));
});

test("a distribution is disabled", async () => {
  await situation("disabled", told([3, report([given.brokenApi])]), report([given.disabledApi]));
});

test("one of two findings is over", async () => {
  await situation("partly-fixed", told([7, report([given.brokenTwice])]), report([given.brokenApi]));
});

test("an origin is gone from the configuration", async () => {
  await situation("closed", told([3, report([given.brokenApi])]), report([given.healthyShop]));
});

test("a reminder of one origin", async () => {
  await situation(
    "reminder",
    told([49, report([given.brokenApi])], [25, report([given.brokenApi])]),
    report([given.brokenApi]),
  );
});

test("a reminder of several, one of which cannot be seen", async () => {
  const run = report([given.brokenApi, given.expiringShop, given.refusedLegacy]);
  const records = [given.brokenApi, given.expiringShop, given.timedOutLegacy];
  await situation("reminder-of-several", told([30, run]), report(records));
});

test("a reminder of what came back before and passes for now", async () => {
  const [broken, healthy] = [report([given.brokenApi]), report([given.fixedApi])];
  await situation(
    "reminder-of-passing",
    told([72, broken], [71, healthy], [70, broken], [48, broken], [24, broken], [0.5, healthy]),
    healthy,
  );
});

test("a reminder of several, one of which passes for now", async () => {
  const [broken, healthy] = [given.brokenApi, given.fixedApi];
  const runs = [broken, healthy, broken, broken, broken, healthy].map((api) => report([api, given.refusedLegacy]));
  const ago = [72, 71, 70, 48, 24, 0.5];
  const before = told(...runs.map((run, index) => [ago[index] ?? 0, run] as const));
  await situation("reminder-of-passing-and-failing", before, report([healthy, given.refusedLegacy]));
});

test("what comes and goes is told with how long it must stay away", async () => {
  const healthy = report([given.fixedApi]);
  const broken = report([given.brokenApi]);
  await situation("comes-and-goes", told([3, broken], [2, healthy]), broken);
});

test("what came and went has stayed away for long enough", async () => {
  const [broken, healthy] = [report([given.brokenApi]), report([given.fixedApi])];
  await situation("stayed-away", told([28, broken], [27, healthy], [26, broken], [2, healthy]), healthy);
});

test("40 origins break at once", async () => {
  await situation("storm", emptyState, report(given.fleet(40, "failing")), { policy: atOnce });
});

test("a zone with the names of 12 origins is gone", async () => {
  await situation("storm-of-names", emptyState, report(given.unresolved), { policy: atOnce });
});

test("40 origins are back at once", async () => {
  await situation("storm-over", told([2, report(given.fleet(40, "failing"))]), report(given.fleet(40, "healthy")));
});

test("the very first run cannot list the distributions", async () => {
  const context = { scope: { ...scope, partition: "aws-cn" }, region: "cn-north-1", logGroup, ...place };
  await situation("inventory-failed", emptyState, report([], { problems: [given.inventoryFailed] }), { context });
});

test("the distributions can be listed again", async () => {
  const before = told([2, report([], { problems: [given.inventoryFailed] })]);
  await situation("inventory-again", before, report([given.healthyShop]));
});

test("an incomplete run finds a broken origin, and cannot look at one that failed before", async () => {
  const run = report([given.brokenApi], { problems: [given.unreadableDistribution] });
  await situation("incomplete-run", told([3, report([given.refusedLegacy])]), run, {
    context: { scope: { ...scope, partition: "aws-us-gov" }, region: "us-gov-west-1", logGroup: null, ...place },
  });
});

test("the state was damaged, and the message lists everything", async () => {
  const lost = copiedAside("it is not JSON", "s3://bucket/state.json.unreadable-1");
  const run = report([given.brokenApi, given.expiringShop], { problems: [lost] });
  await situation("state-lost", emptyState, run, { asOne: true });
});

test("the state cannot be read, so that nobody knows what was told", async () => {
  const remarks = [
    unreadableNow("access denied: the function's role needs s3:GetObject on s3://bucket/state.json").message,
  ];
  await situation("state-unreadable", emptyState, report([given.brokenApi]), { asOne: true, remarks });
});

test("origins cannot be checked", async () => {
  const run = report([given.privateAlb, given.timedOutLegacy, given.healthyShop]);
  const before = step(emptyState, run, hours(0.25), defaultAlertPolicy).next;
  await situation("not-checked", before, run);
});

test("the weekly digest, with everything in it", async () => {
  const muted = { distribution: null, origin: "shop.example.com", code: null, until: "2026-12-01T00:00:00.000Z" };
  const policy = { ...defaultAlertPolicy, weeklyDigest: true, mutes: [{ ...muted, reason: "is being replaced" }] };
  const run = report([given.brokenApi, given.expiringShop, given.privateAlb, ...given.fleet(8, "healthy")]);
  const before = { ...told([5, run], [4, run]), digestTold: hours(24 * 7).toISOString() };
  await situation("weekly", before, run, { policy });
});

test("the weekly digest, when all is well", async () => {
  const policy = { ...defaultAlertPolicy, weeklyDigest: true };
  await situation("weekly-all-clear", emptyState, report(given.fleet(8, "healthy")), { policy });
});

test("the weekly digest, when nothing is open but what is muted", async () => {
  const muted = { distribution: null, origin: "api.example.com", code: null, until: "2026-12-01T00:00:00.000Z" };
  const policy = { ...defaultAlertPolicy, weeklyDigest: true, mutes: [{ ...muted, reason: "is being replaced" }] };
  await situation("weekly-muted", emptyState, report([given.brokenApi, ...given.fleet(2, "healthy")]), { policy });
});

const byTag = {
  source: "tag",
  account: scope.accountId,
  origin: null,
  code: null,
  reason: "is being moved",
} as const;
const asked = (...claims: readonly MuteClaim[]) => ({
  ...defaultAlertPolicy,
  askedMutes: { claims, tagsReadOf: new Set(["E1EXAMPLE", "E2EXAMPLE", "E3SHOP"]), fileRead: true },
});

test("a tag until 2099 begins to hold something back", async () => {
  const run = report([given.expiringShop, ...given.fleet(2, "healthy")]);
  const policy = asked({ ...byTag, distribution: "E3SHOP", until: "2099-01-01T00:00:00.000Z" });
  await situation("muted", emptyState, run, { policy });
});

test("a mute ends, and what it held back is still open", async () => {
  const run = report([given.brokenApi]);
  const policy = asked(
    { ...byTag, distribution: "E1EXAMPLE", until: hours(1).toISOString() },
    { ...byTag, distribution: "E2EXAMPLE", until: hours(-24).toISOString() },
  );
  const before = step(emptyState, run, hours(3), policy).next;
  await situation("mute-ended", before, run, { policy });
});

test("the weekly digest, in a run that could not look", async () => {
  const policy = { ...defaultAlertPolicy, weeklyDigest: true };
  const before = told([1, report([], { problems: [given.inventoryFailed] })]);
  await situation("weekly-incomplete", before, report([], { problems: [given.inventoryFailed] }), { policy });
});

test("text from an origin cannot forge lines or hide itself", async () => {
  await situation("hostile-text", emptyState, report([given.hostileApi]));
});

test("a message that was left behind says so", async () => {
  const run = report([given.expiringShop]);
  const messages = rendered(drafts(emptyState, run), run);
  const late = messages.map((message) => lateMessage({ id: "x", createdAt: runTime, ...message }));
  await expectMessages("late", late);
});

/** A run in which CloudFront's count was asked for. */
function countedIn(...distributionRecords: readonly DistributionRecord[]): RunReport {
  return report([given.chainFixedApi, given.healthyShop], { distributionRecords });
}

const half = given.countOf(1240, 386, { byStatus: { "502": 386, "504": 0 } });

test("CloudFront counts errors of a distribution, and nothing explains them", async () => {
  const counts = [given.countOf(9120, 560, {}, 20), given.countOf(9120, 571)];
  await situation("viewers-get-errors", emptyState, countedIn(given.countedErrors("E1EXAMPLE", "5xx", counts)));
});

test("CloudFront counts errors of a distribution, and an origin of it is at risk", async () => {
  const run = countedIn(
    given.countedErrors("E1EXAMPLE", "502", [half], {
      possibleCauses: [given.stoppedCause, given.unseenCause],
      functionErrors: [{ kind: "lambda-at-edge", name: "add-headers", errors: 12 }],
    }),
  );
  await situation("viewers-get-errors-explained", emptyState, run);
});

test("CloudFront counts errors of a distribution, and of its edge function", async () => {
  const run = countedIn(
    given.countedErrors("E1EXAMPLE", "502", [half], {
      functionErrors: [{ kind: "cloudfront-function", name: "rewrite", errors: 1312 }],
      inOrder: [],
    }),
  );
  await situation("viewers-get-errors-of-function", emptyState, run);
});

test("half of the requests get an error now", async () => {
  const before = told([2, countedIn(given.countedErrors("E1EXAMPLE", "502", [half]))]);
  const most = given.countOf(1240, 930, { byStatus: { "502": 900, "504": 30 } });
  await situation("viewers-get-errors-worse", before, countedIn(given.countedErrors("E1EXAMPLE", "502", [most])));
});

test("CloudFront counts by status now", async () => {
  const before = told([2, countedIn(given.countedErrors("E1EXAMPLE", "5xx", [given.countOf(1240, 386)]))]);
  await situation("viewers-get-errors-by-status", before, countedIn(given.countedErrors("E1EXAMPLE", "502", [half])));
});

test("a reminder of a distribution, and one that nobody asked about", async () => {
  const run = countedIn(given.countedErrors("E1EXAMPLE", "502", [half]));
  const before = told([49, run], [25, run]);
  await expectMessages("viewers-get-errors-reminder", [
    ...rendered(drafts(before, run), run),
    ...rendered(drafts(before, countedIn()), countedIn()),
  ]);
});

test("CloudFront counts few errors again, beside an origin that fails", async () => {
  const failing = report([given.refusedLegacy, given.chainFixedApi], {
    distributionRecords: [given.countedErrors("E1EXAMPLE", "502", [half])],
  });
  const run = report([given.refusedLegacy, given.chainFixedApi], {
    distributionRecords: [given.countedFine("E1EXAMPLE")],
  });
  await situation("viewers-get-errors-fixed", told([3, failing]), run);
});

test("a distribution with errors is removed", async () => {
  const before = told([3, countedIn(given.countedErrors("E9EXAMPLE", "504", [half]))]);
  await situation("viewers-get-errors-closed", before, countedIn());
});

test("messages about an origin quote what CloudFront counted for its distributions", async () => {
  const distributionRecords = [
    given.countedQuietly("E1EXAMPLE", given.countOf(42310, 761)),
    given.countedQuietly("E2EXAMPLE", given.countOf(3211, 0)),
    given.countedQuietly("E5OLD", given.countOf(0, 0, { minutes: 0 })),
  ];
  const broken = report([given.brokenApi, given.timedOutLegacy], { distributionRecords });
  const fixed = report([given.chainFixedApi], { distributionRecords: distributionRecords.slice(1) });
  const unseen = step(emptyState, broken, hours(0.25), defaultAlertPolicy).next;
  await expectMessages("quoted-counts", [
    ...rendered(drafts(emptyState, broken), broken),
    ...rendered(drafts(unseen, broken), broken),
    ...rendered(drafts(told([25, broken]), broken), broken),
    ...rendered(drafts(told([3, broken]), fixed), fixed),
  ]);
});

test("CloudFront's count shows that an origin that may fail does", async () => {
  const count = given.countOf(12480, 4767, { byStatus: { "502": 0, "504": 4767 } });
  const run = (record: ConnectionRecord, current = count) =>
    report([record], { distributionRecords: [given.countedQuietly("E4IMG", current)] });
  const before = told([1, run(given.stoppedImages)]);
  await expectMessages("shown-by-count", [
    ...rendered(drafts(before, run(given.countedImages)), run(given.countedImages)),
    ...rendered(drafts(told(), run(given.stoppedImages), { policy: atOnce }), run(given.stoppedImages)),
  ]);
});

test("CloudFront answered with its own error", async () => {
  await situation("confirmed-by-cloudfront", emptyState, report([given.confirmedApi]));
});

test("CloudFront counts errors of 12 distributions at once, all of one origin", async () => {
  const possibleCauses = [given.stoppedCause];
  const records = Array.from({ length: 12 }, (_, index) =>
    given.countedErrors(`E${index}EXAMPLE`, "504", [given.countOf(100 * (index + 3), 90 * (index + 3))], {
      possibleCauses,
    }),
  );
  await situation("viewers-get-errors-of-many", emptyState, countedIn(...records));
});

test("a distribution with errors is muted, which the weekly summary says", async () => {
  const mute = {
    distribution: "E1EXAMPLE",
    origin: null,
    code: "viewers-get-errors",
    until: "2026-12-01T00:00:00.000Z",
  };
  const policy = { ...defaultAlertPolicy, weeklyDigest: true, mutes: [{ ...mute, reason: "old players" }] };
  const open = given.countedErrors("E3SHOP", "504", [given.countOf(500, 60, { byStatus: { "502": 0, "504": 60 } })]);
  const appErrors = given.countedQuietly("E2EXAMPLE", given.countOf(900, 90, { byStatus: { "502": 0, "504": 0 } }));
  const run = countedIn(given.countedErrors("E1EXAMPLE", "502", [half]), open, { ...appErrors, otherErrors: true });
  const before = step(emptyState, run, hours(4), { ...policy, weeklyDigest: false }).next;
  await situation("weekly-with-counts", before, run, { policy });
});

test("docs/alerts.md shows a message as it is, and README.md the first screen of it", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const shown = (markdown: string) => /^```text\n(Subject: [\s\S]*?)\n```$/m.exec(markdown)?.[1] ?? "none";
  const [, written = ""] = /^(Subject: [\s\S]*?)\s+-+ sms -+$/m.exec(read("golden/one-origin.txt")) ?? [];
  expect(shown(read("../../docs/alerts.md").split("## A message in full")[1] ?? "")).toBe(written);
  const [firstScreen] = written.split("\n\nDetails: ");
  expect(firstScreen?.length).toBeLessThan(written.length);
  expect(shown(read("../../README.md"))).toBe(firstScreen);
});
