import { defaultAlertPolicy as policy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { Finding } from "../../lambda/judge/finding.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { connectionRecord, logGroup, place, region, report, runTime, scope, silentAddress, use } from "./records.ts";
import { ofAddress, samples, someFailing } from "./samples.ts";
import * as given from "./situations.ts";

/** A message for each tag that a subject may begin with, as docs/alerts.md shows them. */
export function tagExamples(): readonly Example[] {
  return situations.map(({ tag, says, before, run, rules = {} }) => {
    const messages = step(before, run, now, { ...policy, ...rules }).drafts.map((draft) =>
      renderDraft(draft, run, { scope, region, logGroup, ...place }, []),
    );
    const message = messages.find(({ subject }) => subject.startsWith(`[${tag}] `));
    if (message === undefined) throw new Error(`no message says [${tag}]`);
    return { tag, says, subject: message.subject, text: message.text };
  });
}

export type Example = {
  readonly tag: string;
  /** What the tag means, in a sentence or two. */
  readonly says: string;
  readonly subject: string;
  readonly text: string;
};

/** The examples as the page shows them: what each tag means, and what is on the first screen of a phone. */
export function exampleBlock(): string {
  return `${tagExamples().map(shown).join("\n\n")}\n\n`;
}

function shown({ tag, says, subject, text }: Example): string {
  return `### [${tag.replace(/\d+ DAYS/, "n DAYS")}]\n\n${says}\n\n\`\`\`text\nSubject: ${subject}\n\n${firstPart(text)}\n\`\`\``;
}

/** What comes before the details. */
function firstPart(text: string): string {
  const paragraphs = text.trim().split("\n\n");
  const end = paragraphs.findIndex((paragraph) =>
    /^(Details|Expected|Distributions|Board|Next message)\b/.test(paragraph),
  );
  return paragraphs.slice(0, end < 0 ? undefined : end).join("\n\n");
}

/** The page, with this text between the marks. */
export function withExamples(page: string, block: string): string {
  const [head, rest] = page.split(`${begin}\n`);
  const [, tail] = (rest ?? "").split(`${end}\n`);
  if (head === undefined || tail === undefined) throw new Error("the page has no place for examples");
  return `${head}${begin}\n\n${block}${end}\n${tail}`;
}

const begin = "<!-- examples, by npm run docs:alerts -->";
const end = "<!-- end of the examples -->";

const now = new Date(runTime);
const hours = (count: number) => new Date(now.getTime() - count * 3_600_000);
const atOnce = { confirmations: 1 };

function told(...runs: readonly (readonly [hoursAgo: number, run: RunReport])[]): State {
  return runs.reduce<State>(
    (state, [ago, run]) => step(state, run, hours(ago), { ...policy, ...atOnce }).next,
    emptyState,
  );
}

const privateApi = connectionRecord("api.example.com", {
  verdict: "failing",
  findings: [privateAt("10.0.3.7", "api.example.com")],
  reproduce: "dig api.example.com A",
  observed: { addresses: [silentAddress("private address", { address: "10.0.3.7" })] },
});
const halfPrivate = connectionRecord("img.example.com", {
  verdict: "at-risk",
  uses: [use("E4IMG", { aliases: ["img.example.com"] })],
  findings: [
    someFailing(["10.0.3.8"], 2, "dns-private-address", "504"),
    { ...privateAt("10.0.3.8", "img.example.com"), effect: "may", severity: "warning" },
  ],
  reproduce: "dig img.example.com A",
});
const outOfOrder = connectionRecord("api.example.com", {
  verdict: "at-risk",
  findings: samples["chain-out-of-order"](),
});
const api = report([given.brokenApi]);
const byTag = {
  source: "tag",
  account: scope.accountId,
  distribution: "E3SHOP",
  origin: null,
  code: null,
  until: "2026-12-01T00:00:00.000Z",
  reason: "is being replaced",
} as const;
const unchecked = report([given.privateAlb, given.timedOutLegacy, given.healthyShop]);

function privateAt(address: string, domain: string): Finding {
  return ofAddress("dns-private-address", { kind: "not-dialled", range: "private" }, { address, domain });
}

type Situation = Pick<Example, "tag" | "says"> & {
  /** Null for the first run after deployment. */
  readonly before: State | null;
  readonly run: RunReport;
  readonly rules?: Partial<typeof policy>;
};

const situations: readonly Situation[] = [
  { tag: "502", says: "Every cache miss gets 502.", before: emptyState, run: api },
  { tag: "504", says: "Every cache miss gets 504.", before: emptyState, run: report([privateApi]), rules: atOnce },
  {
    tag: "5XX",
    says: "CloudFront itself counts errors of a distribution, and does not count them by status; else the tag is `[502]` or `[504]`.",
    before: emptyState,
    run: report([given.chainFixedApi], {
      distributionRecords: [
        given.countedErrors("E1EXAMPLE", "5xx", [given.countOf(9120, 560, {}, 20), given.countOf(9120, 571)], {
          possibleCauses: [given.stoppedCause],
        }),
      ],
    }),
  },
  {
    tag: "SOME 502",
    says: "Some addresses of the origin fail with 502, and the others were not seen to.",
    before: emptyState,
    run: report([given.halfImages]),
    rules: atOnce,
  },
  {
    tag: "SOME 504",
    says: "The same with 504.",
    before: emptyState,
    run: report([halfPrivate]),
    rules: atOnce,
  },
  {
    tag: "EXPIRES IN 6 DAYS",
    says: "Nothing fails yet. On its last day the tag counts hours.",
    before: emptyState,
    run: report([given.expiringShop]),
  },
  {
    tag: "AT RISK",
    says: "It fails for some requests or will fail, or AWS's pages leave it open.",
    before: emptyState,
    run: report([outOfOrder]),
  },
  {
    tag: "NOT CHECKED",
    says: "Origin Watch cannot see what CloudFront sees there, and predicts nothing.",
    before: emptyState,
    run: unchecked,
    rules: atOnce,
  },
  {
    tag: "STILL 502",
    says: "A reminder. `[STILL 504]`, `[STILL SOME 502]` and `[STILL AT RISK]` are the same for the other tags.",
    before: told([49, api], [25, api]),
    run: api,
  },
  {
    tag: "MUTED",
    says: "A mute began to hold something back. It is told once; what is open at its end is told then.",
    before: emptyState,
    run: report([given.expiringShop]),
    rules: { askedMutes: { claims: [byTag], tagsReadOf: new Set(["E3SHOP"]), fileRead: true } },
  },
  {
    tag: "FIXED",
    says: "A check looked again and did not find it.",
    before: told([3, api]),
    run: report([given.fixedApi]),
  },
  {
    tag: "CLOSED",
    says: "The origin is no longer checked, whether it was fixed or not.",
    before: told([3, api]),
    run: report([given.disabledApi]),
  },
  {
    tag: "PROBLEM",
    says: "A run of Origin Watch could not check everything.",
    before: emptyState,
    run: report([], { problems: [given.inventoryFailed] }),
  },
  {
    tag: "WEEKLY",
    says: "The weekly summary, with `weeklyDigest`.",
    before: { ...told([5, report([given.brokenApi, given.expiringShop])]), digestTold: hours(24 * 7).toISOString() },
    run: report([given.brokenApi, given.expiringShop, ...given.fleet(8, "healthy")]),
    rules: { weeklyDigest: true },
  },
  {
    tag: "STARTED",
    says: "The first message after deployment.",
    before: null,
    run: report(given.fleet(3, "healthy")),
    rules: { firstMessage: "now" },
  },
];
