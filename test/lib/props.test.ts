import { App, Duration, Lazy, Stack } from "aws-cdk-lib";
import { Runtime } from "aws-cdk-lib/aws-lambda";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { afterEach, describe, expect, it } from "vitest";
import { readConfig } from "../../lib/config.ts";
import type { MuteConfig } from "../../lib/mutes.ts";
import { leastCdk } from "../../lib/node-runtime.ts";
import { OriginWatch } from "../../lib/origin-watch.ts";
import { type OriginWatchProps, resolveProps } from "../../lib/origin-watch-props.ts";
import manifest from "../../package.json" with { type: "json" };

describe("an app with an older CDK", () => {
  const { NODEJS_24_X } = Runtime;
  afterEach(() => Reflect.set(Runtime, "NODEJS_24_X", NODEJS_24_X));

  it("is told in one sentence which one is needed, and npm says the same at the installation", () => {
    Reflect.set(Runtime, "NODEJS_24_X", undefined);
    expect(() => new OriginWatch(new Stack(new App(), "Mine"), "Watch")).toThrow(
      "Origin Watch needs aws-cdk-lib 2.224.0 or newer: this one does not know Lambda's nodejs24.x",
    );
    expect(manifest.peerDependencies["aws-cdk-lib"]).toBe(`^${leastCdk}`);
  });
});

// An app of one's own gives properties where the stack reads the context: what the function would refuse in every run
// has to fail in the synthesis here too.
describe("the properties of the construct", () => {
  const selected = { origin: "api.example.com", reason: "is being moved" };

  it("takes a day for all of it in a mute, as the context does", () => {
    const { mutes } = resolveProps({ mutes: [{ ...selected, until: "2026-12-31" }] });
    expect(mutes).toEqual([{ ...selected, until: "2027-01-01T00:00:00.000Z" }]);
    expect(resolveProps({ mutes }).mutes).toEqual(mutes);
  });

  it.each<[MuteConfig, string]>([
    [{ ...selected, until: "2026-13-01" }, "entry 1.until: expected a day such as 2026-12-31"],
    [{ reason: "is being moved", until: "2026-12-31" }, "entry 1: expected a distribution, an origin or a code"],
  ])("refuses the mute %j", (mute, message) => {
    expect(() => resolveProps({ mutes: [mute] })).toThrow(message);
  });

  it.each([
    ["alertEmails", ["ops"], "expected an e-mail address"],
    ["includeDistributions", ["E1A2B3C4D5E6F7", "nonsense"], "expected distribution ids such as E1A2B3C4D5E6F7"],
    ["excludeDistributions", [""], "expected distribution ids such as E1A2B3C4D5E6F7"],
  ])("refuses %s %j, with which nothing would be told or watched", (name, value, message) => {
    expect(() => resolveProps({ [name]: value })).toThrow(`prop ${name}: ${message}, got "${value.at(-1)}"`);
  });

  it("refuses a distribution that is to be checked and left alone, as the context does", () => {
    const props = { includeDistributions: ["E1", "E2"], excludeDistributions: ["E3", "E2"] };
    expect(() => resolveProps(props)).toThrow(
      "prop excludeDistributions: E2 is in includeDistributions too, expected it in one of them",
    );
  });

  it.each<[ScheduleExpression, string]>([
    [ScheduleExpression.cron({ minute: "61" }), 'expected minutes from 0 to 59, got "61"'],
    [ScheduleExpression.expression("rate(0 minutes)"), "expected rate(15 minutes), cron(0 6 * * ? *)"],
    [ScheduleExpression.expression("hourly"), "expected rate(15 minutes), cron(0 6 * * ? *)"],
  ])("refuses the schedule %j", (schedule, message) => {
    expect(() => resolveProps({ schedule })).toThrow(`prop schedule: ${message}`);
  });

  it.each([
    ScheduleExpression.rate(Duration.minutes(1)),
    ScheduleExpression.rate(Duration.days(30)),
    ScheduleExpression.at(new Date("2030-01-01T00:00:00Z")),
    ScheduleExpression.expression(Lazy.string({ produce: () => "rate(1 hour)" })),
  ])("takes the schedule $expressionString", (schedule) => {
    expect(resolveProps({ schedule }).schedule).toBe(schedule);
  });

  const routingKey = "R0UT1NGKEYCANARY0123456789abcdef";
  it.each([
    routingKey,
    `{{resolve:secretsmanager:${routingKey}}}`,
    `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${routingKey}`,
    "",
    12,
  ])("takes only the ARN of a secret for a pager's key, and repeats nothing of anything else: %j", (value) => {
    for (const resolve of [
      () => resolveProps({ pagerDutyRoutingKey: value } as never),
      () => readConfig({ alertEmail: "ops@example.com", pagerDutyRoutingKey: value }),
    ]) {
      expect(resolve).toThrow(/pagerDutyRoutingKey: expected the whole ARN of a secret in Secrets Manager/);
      expect(resolve).not.toThrow(/CANARY|got 12/);
    }
  });

  it("takes the ARN of a secret of any partition, one that is known in the deployment only, and two service regions", () => {
    for (const arn of [
      "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/pager-a1B2c3",
      "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:pager-a1B2c3",
      Lazy.string({ produce: () => "arn" }),
    ]) {
      const { pagerDutyRoutingKey, pagerDutyServiceRegion } = resolveProps({ pagerDutyRoutingKey: arn });
      expect([pagerDutyRoutingKey, pagerDutyServiceRegion]).toEqual([arn, "us"]);
    }
    const pagerDutyRoutingKey = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pager-a1B2c3";
    expect(resolveProps({ pagerDutyRoutingKey, pagerDutyServiceRegion: "eu" }).pagerDutyServiceRegion).toBe("eu");
    expect(() => resolveProps({ pagerDutyServiceRegion: "jp" } as never)).toThrow('expected us or eu, got "jp"');
  });

  it.each([
    ["pagerDutyServiceRegion", { pagerDutyServiceRegion: "eu" }],
    ["pagerDutyRedact", { pagerDutyRedact: true }],
  ] as const)("refuses %s without the key that makes it work", (prop, props) => {
    const problem = `${prop}: expected pagerDutyRoutingKey beside it, got none: PagerDuty would be told nothing`;
    expect(() => resolveProps(props)).toThrow(`prop ${problem}`);
    expect(() => readConfig({ alertEmail: "ops@example.com", ...props })).toThrow(`context ${problem}`);
  });

  it("refuses the service region that is the default too where the context names it for nothing", () => {
    expect(() => readConfig({ alertEmail: "ops@example.com", pagerDutyServiceRegion: "us" })).toThrow(
      "beside it, got none",
    );
    expect(resolveProps({ pagerDutyServiceRegion: "us", pagerDutyRedact: false })).toMatchObject({
      pagerDutyServiceRegion: "us",
    });
  });

  it("takes an address that is known in the deployment only", () => {
    const address = Lazy.string({ produce: () => "ops@example.com" });
    expect(resolveProps({ alertEmails: [address] }).alertEmails).toEqual([address]);
  });

  it("refuses a number that is out of range", () => {
    expect(() => resolveProps({ expiryWarningDays: 0 })).toThrow(
      "prop expiryWarningDays: expected a whole number from 1 to 365, got 0",
    );
  });
});

describe("the environment of the function", () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `E${String(index).padStart(13, "0")}`);
  const made = (props: OriginWatchProps) => () => new OriginWatch(new Stack(new App(), "OriginWatch"), "Watch", props);

  it("is refused where Lambda would refuse it, with the way out", () => {
    expect(made({ includeDistributions: ids(280) })).toThrow(
      /^prop includeDistributions: expected at most 4096 bytes in the function's environment, got 4\d\d\d, 42\d\d of them for includeDistributions: name those to leave alone in excludeDistributions/,
    );
    expect(made({ excludeDistributions: ids(280) })).toThrow(/^prop excludeDistributions: .* in includeDistributions/);
  });

  it("is measured as a whole, with quotation marks as JSON has them", () => {
    const mutes = Array.from({ length: 14 }, () => ({ code: "x", until: "2026-12-31", reason: '"'.repeat(40) }));
    expect(made({ mutes })).not.toThrow();
    expect(made({ mutes, includeDistributions: ids(90) })).toThrow(/^prop mutes: .* shorten reasons$/);
  });

  it("takes what Lambda takes", () => {
    expect(made({ includeDistributions: ids(220) })).not.toThrow();
  });
});
