import { createHash } from "node:crypto";
import { isDistribution, type Page } from "../relay/pages.ts";

/**
 * An event as PagerDuty's Events API v2 takes it, without the routing key.
 *
 * Source: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 */
export type AlertEvent = {
  readonly event_action: "trigger" | "resolve";
  /** At most 255 characters. */
  readonly dedup_key: string;
  readonly client?: string;
  readonly links?: readonly { readonly href: string; readonly text: string }[];
  /** A resolution has none. */
  readonly payload?: {
    /** At most 1,024 characters. */
    readonly summary: string;
    readonly source: string;
    readonly severity: "critical" | "error" | "warning" | "info";
    readonly timestamp: string;
    readonly component: string;
    readonly group: string;
    readonly class: string;
    readonly custom_details: Readonly<Record<string, unknown>>;
  };
};

/**
 * What a page is in PagerDuty's format. Its key is a digest, so the same for the same fault and of one length.
 *
 * @param redact leave out all names and ids but those in the link: what remains is the cause
 */
export function alertEvent(page: Page, redact = false): AlertEvent {
  const dedup_key = `origin-watch-${createHash("sha256").update(page.about).digest("hex")}`;
  switch (page.action) {
    case "resolve":
      return { event_action: "resolve", dedup_key };
    case "trigger": {
      const { effect, code, since, link, doubt } = page;
      const { summary, source, accountId, distributions } = redact ? redacted(page) : page;
      return {
        event_action: "trigger",
        dedup_key,
        client: "Origin Watch",
        ...(link === null ? {} : { links: [{ href: link, text: "The distribution in the console" }] }),
        payload: {
          summary: summary.slice(0, 1_024),
          source,
          severity: severityOf(effect),
          timestamp: since,
          component: isDistribution(page.source) ? "CloudFront distribution" : "CloudFront origin",
          group: accountId ?? "unknown account",
          class: code,
          custom_details: {
            code,
            effect,
            openedAt: since,
            distributions,
            ...(doubt === null ? {} : { notConfirmed: doubt }),
          },
        },
      };
    }
  }
}

/** Titles may have names in them, so the code stands for the cause. */
function redacted({ effect, code }: Trigger): Pick<Trigger, "summary" | "source" | "accountId" | "distributions"> {
  return {
    summary: `${effect === null || effect === "may" ? "At risk" : effect}: ${code}`,
    source: "Origin Watch",
    accountId: null,
    distributions: [],
  };
}

type Trigger = Extract<Page, { action: "trigger" }>;

function severityOf(effect: Trigger["effect"]): "critical" | "error" | "warning" {
  switch (effect) {
    case "502":
    case "504":
    case "5xx":
      return "critical";
    case "may":
      return "warning";
    case null:
      return "error";
  }
}
