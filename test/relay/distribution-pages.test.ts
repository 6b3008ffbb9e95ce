import { describe, expect, test } from "vitest";
import type { DistributionIncident, EndedDistributionIncident, State } from "../../lambda/incidents/state.ts";
import { emptyState } from "../../lambda/incidents/state.ts";
import { alertEvent } from "../../lambda/pagerduty/alert-event.ts";
import { type RelayedIncident, readNotice } from "../../lambda/relay/notice.ts";
import { type Page, pagesOf } from "../../lambda/relay/pages.ts";
import { securityFindings } from "../../lambda/relay/security-finding.ts";
import { at, noticeRow, noticeText, openedAt, toldIncident } from "./notices.ts";

const scope = { accountId: "111122223333", accountName: null, partition: "aws" };
const id = "E1A2B3C4D5E6F7";
const code = "viewers-get-errors";
const incident: DistributionIncident = {
  kind: "distribution",
  key: `distribution ${id}`,
  code,
  effect: "5xx",
  title: "requests get 5xx",
  distributionId: id,
  scope,
  stage: 0,
  openedAt,
  lastSeen: at,
  lastTold: at,
  tellings: 1,
  toldEffect: "5xx",
  toldStage: 0,
  returns: 0,
  clearSince: null,
};
const over: EndedDistributionIncident = {
  kind: "distribution",
  key: incident.key,
  code,
  distributionId: id,
  openedAt,
  endedAt: at,
  returns: 0,
  as: "resolved",
};
const row = (status = "opened"): RelayedIncident =>
  noticeRow("a", status, { code, effect: "5xx", origin: null, title: incident.title, distributions: [id] });

/** What is paged after a notice with this row, as SNS hands it over. */
function pages(state: Partial<State> | null, rows: readonly RelayedIncident[]): readonly Page[] {
  const reading = readNotice(noticeText(rows));
  if (reading.kind !== "notice") throw new Error("it is no notice");
  const known = state === null ? null : { ...emptyState, ...state };
  return pagesOf(known, reading.notice, new Set(), { scope, region: "eu-west-1" }).pages;
}

describe("an incident of a distribution", () => {
  test("is paged as what the state says, with the distribution as its source", () => {
    const [page] = pages({ distributionIncidents: [incident] }, [row()]);
    expect(page).toMatchObject({
      action: "trigger",
      summary: `[5XX] distribution ${id}: requests get 5xx`,
      source: `distribution ${id}`,
      effect: "5xx",
      accountId: "111122223333",
      distributions: [id],
      link: `https://console.aws.amazon.com/cloudfront/v4/home?region=eu-west-1#/distributions/${id}`,
      doubt: null,
    });
    expect(alertEvent(page!).payload).toMatchObject({ severity: "critical", component: "CloudFront distribution" });
    expect(JSON.stringify(alertEvent(page!, true).payload)).not.toContain(id);
  });

  test("has one key from its beginning to its end, also where the state did not know it yet", () => {
    const told = pages({ distributionIncidents: [incident] }, [row()]);
    const doubted = pages({}, [row()]);
    const ended = pages({ endedDistributionIncidents: [over] }, [row("resolved")]);
    expect(doubted[0]).toMatchObject({ action: "trigger", doubt: expect.stringContaining("does not know") });
    expect(ended).toMatchObject([{ action: "resolve" }]);
    expect(new Set([told, doubted, ended].map(([page]) => alertEvent(page!).dedup_key)).size).toBe(1);
  });

  test("comes after origins that fail, and before those at risk", () => {
    const [bad, risky] = [toldIncident("bad"), toldIncident("risky", { effect: "may" })];
    const rows = [noticeRow("risky"), row(), noticeRow("bad")];
    const found = pages({ incidents: [risky, bad], distributionIncidents: [incident] }, rows);
    expect(found.map((page) => page.action === "trigger" && page.source)).toEqual([
      "bad.example.com:443",
      `distribution ${id}`,
      "risky.example.com:443",
    ]);
  });

  test("is a finding of Security Hub while it is open, and an archived one for a day", () => {
    const findings = (state: Partial<State>) => securityFindings({ ...emptyState, ...state }, at, scope);
    expect(findings({ distributionIncidents: [incident] })).toMatchObject([
      {
        id: `origin-watch/distribution/${id}/${code}`,
        title: `Distribution ${id}: ${code}`,
        description: "requests get 5xx. CloudFront counts requests that it answers with 5xx.",
        severity: "HIGH",
        active: true,
        createdAt: openedAt,
        distributions: [id],
        origin: null,
      },
    ]);
    expect(findings({ distributionIncidents: [{ ...incident, tellings: 0 }] })).toEqual([]);
    expect(findings({ endedDistributionIncidents: [over] })).toMatchObject([{ active: false, createdAt: openedAt }]);
    expect(findings({ distributionIncidents: [incident], endedDistributionIncidents: [over] })).toHaveLength(1);
  });
});
