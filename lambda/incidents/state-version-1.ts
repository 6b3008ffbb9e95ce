import * as v from "valibot";
import { emptyState, type Incident, type Notice, type State } from "./state.ts";

/**
 * The state as version 1 kept it: open findings without a memory of what was told when, and one message at most.
 *
 * Version 1 told every finding when it opened, so that moment is taken for the last telling. Reminders are then due at
 * once for what has been open for long, which is what somebody who just installed reminders would expect.
 */
export function fromVersion1({ findings, problems, pending }: State1): State {
  return {
    ...emptyState,
    incidents: findings.map(
      ({ firstSeen, ...look }): Incident => ({
        ...look,
        stage: 0,
        leaf: null,
        openedAt: firstSeen,
        lastSeen: firstSeen,
        lastTold: firstSeen,
        tellings: 1,
        toldEffect: look.effect,
        toldStage: 0,
        returns: 0,
        clearSince: null,
      }),
    ),
    problems: problems.map(({ firstSeen, ...problem }) => ({
      ...problem,
      openedAt: firstSeen,
      lastTold: firstSeen,
      returns: 0,
      clearSince: null,
    })),
    outbox: pending === null ? [] : [noticeOf(pending)],
  };
}

function noticeOf({ id, createdAt, subject, body }: NonNullable<State1["pending"]>): Notice {
  const attributes = { event: "digest", severity: "warning", codes: [], distributionIds: [], origins: [] } as const;
  return { id, createdAt, subject, text: body, short: null, data: null, chat: null, attributes };
}

type State1 = v.InferOutput<typeof state1Schema>;

const text = (maxLength: number) => v.pipe(v.string(), v.maxLength(maxLength));
const time = v.pipe(v.string(), v.isoTimestamp());
const code = v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), v.maxLength(100));

const findingSchema = v.strictObject({
  key: v.pipe(v.string(), v.minLength(1), v.maxLength(8192)),
  code,
  firstSeen: time,
  effect: v.picklist(["502", "504", "may"]),
  title: text(300),
  domain: text(300),
  port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
  distributions: v.pipe(v.array(text(200)), v.maxLength(50)),
  distributionCount: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

export const state1Schema = v.strictObject({
  schemaVersion: v.literal(1),
  findings: v.pipe(
    v.array(findingSchema),
    v.check(
      (findings) => new Set(findings.map((finding) => `${finding.code} ${finding.key}`)).size === findings.length,
      "Two findings have the same key and code",
    ),
  ),
  problems: v.pipe(v.array(v.strictObject({ code, firstSeen: time, message: text(1000) })), v.maxLength(100)),
  pending: v.nullable(
    v.strictObject({
      id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
      createdAt: time,
      subject: v.pipe(v.string(), v.regex(/^[\x21-\x7e][\x20-\x7e]{0,98}$/)),
      body: v.pipe(v.string(), v.minLength(1), v.maxBytes(220 * 1024)),
    }),
  ),
});
