import { App, Duration, Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { functionDimension, metricsNamespace, service } from "../../lambda/contract/metrics.ts";
import { runMetrics } from "../../lambda/telemetry/metrics.ts";
import { readConfig } from "../../lib/config.ts";
import { Dashboard } from "../../lib/dashboard.ts";
import { OriginWatch, type OriginWatchProps } from "../../lib/origin-watch.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { rhythmOf, staleAfter } from "../../lib/rhythm.ts";
import { incompleteRuns, latestVerdicts, openIncidents, savedQueries } from "../../lib/saved-queries.ts";
import { connectionRecord, report } from "../tell/records.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

function stackWith(props: OriginWatchProps = {}): Stack {
  const stack = new Stack(new App({ context: flags.context }), "Mine");
  new OriginWatch(stack, "Watch", props);
  return stack;
}

type Widget = {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  // biome-ignore lint/suspicious/noExplicitAny: a dashboard's body has no type
  readonly properties: any;
};

/** The body, with the logical id in the place of each reference. */
function dashboardOf(template: Template): { start: string; periodOverride: string; widgets: readonly Widget[] } {
  const [resource] = Object.values(template.findResources("AWS::CloudWatch::Dashboard"));
  const parts: readonly unknown[] = resource?.Properties.DashboardBody["Fn::Join"][1];
  const text = parts.map((part) => {
    if (typeof part === "string") return part;
    const { Ref, "Fn::GetAtt": attribute } = part as { Ref?: string; "Fn::GetAtt"?: readonly string[] };
    return Ref ?? attribute?.[0] ?? "";
  });
  return JSON.parse(text.join(""));
}

/** A dashboard without the rest, which takes a bundle to make. */
function dashboardAlone(expression: string): ReturnType<typeof dashboardOf> {
  const stack = new Stack(new App({ context: flags.context }), "Alone");
  const [watching, statusBoard] = ["Watching", "Board"].map(
    (id) =>
      new LambdaFunction(stack, id, {
        runtime: Runtime.NODEJS_24_X,
        handler: "index.handler",
        code: Code.fromInline("0"),
      }),
  );
  new Dashboard(stack, "Dashboard", {
    function: watching!,
    timeout: Duration.minutes(5),
    logGroup: new LogGroup(stack, "Logs"),
    statusBoard: statusBoard!,
    rhythm: rhythmOf(ScheduleExpression.expression(expression)),
    expiryWarningDays: 21,
  });
  return dashboardOf(Template.fromStack(stack));
}

const template = Template.fromStack(stackWith());
const without = Template.fromStack(stackWith({ dashboard: false }));
const dashboard = dashboardOf(template);
const { widgets } = dashboard;
const titled = (title: string) => widgets.find(({ properties }) => properties.title === title)!;
const idsOf = (type: string, properties: object = {}) =>
  Object.keys(template.findResources(type, { Properties: properties }));

describe("the dashboard", () => {
  it("begins with the status board, in full width, and then shows whether the watcher works", () => {
    const [first, second] = widgets;
    expect(first).toMatchObject({ type: "custom", x: 0, y: 0, width: 24 });
    expect(first?.properties.endpoint).toBe(
      idsOf("AWS::Lambda::Function", { Description: Match.stringLikeRegexp("dashboard") })[0],
    );
    expect(first?.properties.updateOn).toEqual({ refresh: true, resize: true, timeRange: false });
    expect(second).toMatchObject({ type: "alarm", width: 24 });
    const onItself = idsOf("AWS::CloudWatch::Alarm").filter((id) => !id.includes("OriginsFailing"));
    expect(second?.properties.alarms.toSorted()).toEqual(onItself.toSorted());
  });

  it("fills its rows, and no widget lies on another", () => {
    const cells = new Map<string, string>();
    for (const { x, y, width, height, properties } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column += 1) {
        for (let row = y; row < y + height; row += 1) {
          expect([properties.title, cells.get(`${column} ${row}`)]).toEqual([properties.title, undefined]);
          cells.set(`${column} ${row}`, properties.title);
        }
      }
    }
    const bottom = Math.max(...widgets.map(({ y, height }) => y + height));
    expect(cells.size).toBe(24 * bottom);
  });

  it("shows metrics under the names that the function emits, and every one of them but a run's completion", () => {
    const emitted = runMetrics(report([connectionRecord("a.example.com")]), { sent: 0, failures: 0 });
    const own = widgets
      .filter(({ type }) => type === "metric")
      .flatMap(({ properties }) => properties.metrics as readonly unknown[][])
      .filter(([namespace]) => namespace === metricsNamespace);
    const names = own.map(([, name]) => String(name));
    expect(names.toSorted()).toEqual(
      emitted
        .map(({ name }) => name as string)
        .filter((name) => name !== "RunCompleted")
        .toSorted(),
    );
    for (const metric of own) {
      expect(metric.slice(2, 6)).toEqual([functionDimension, expect.anything(), service.dimension, service.value]);
      expect(metric[6]).toMatchObject({ period: 900, stat: "Maximum" });
    }
    expect(dashboard.periodOverride).toBe("inherit");
  });

  it("gives each verdict its colour", () => {
    const { metrics, stacked } = titled("Origins by verdict").properties;
    expect(stacked).toBe(true);
    const colours = metrics.map(
      ([, name, , , , , { color }]: readonly [string, string, string, string, string, string, { color: string }]) => [
        name,
        color,
      ],
    );
    expect(colours).toEqual([
      ["OriginsFailing", "#d62728"],
      ["OriginsAtRisk", "#ff7f0e"],
      ["OriginsUnknown", "#7f7f7f"],
      ["OriginsHealthy", "#2ca02c"],
    ]);
  });

  it("draws the lines that matter where they are", () => {
    expect(titled("Days until the first certificate ends").properties.annotations.horizontal).toMatchObject([
      { value: 21 },
    ]);
    const [alarm] = Object.values(
      template.findResources("AWS::CloudWatch::Alarm", { Properties: { MetricName: "Duration" } }),
    );
    expect(titled("Duration of a run").properties.annotations.horizontal).toMatchObject([
      { value: alarm?.Properties.Threshold },
    ]);
  });

  it("asks the log of the function what the saved queries ask", () => {
    const [logGroup] = idsOf("AWS::Logs::LogGroup", { FieldIndexPolicies: Match.anyValue() });
    const shown = widgets.filter(({ type }) => type === "log").map(({ properties }) => properties.query);
    expect(shown).toEqual(
      [openIncidents, latestVerdicts, incompleteRuns].map(
        ({ lines }) => `SOURCE '${logGroup}' | ${lines.join("\n| ")}`,
      ),
    );
  });

  it.each([
    ["rate(5 minutes)", 300, "-P1D"],
    ["rate(1 hour)", 3_600, "-P7D"],
    ["rate(1 day)", 86_400, "-P7D"],
    ["rate(5 days)", 86_400, "-P7D"],
    ["cron(0 6 * * ? *)", 3_600, "-P7D"],
  ])("draws one point a run for %s, over a time in which something moves", (expression, period, start) => {
    const own = dashboardAlone(expression);
    const periods = own.widgets
      .filter(({ type }) => type === "metric")
      .flatMap(({ properties }) => properties.metrics as readonly unknown[][])
      // What is left out is 300.
      .map((metric) => (metric.at(-1) as { readonly period?: number }).period ?? 300);
    expect(new Set(periods)).toEqual(new Set([period]));
    expect(own.start).toBe(start);
  });

  it("does without alarms where there are none", () => {
    expect(dashboardAlone("rate(15 minutes)").widgets.map(({ type }) => type)).not.toContain("alarm");
  });

  it("can be left out, with the function behind it, the board, and the right to store one", () => {
    without.resourceCountIs("AWS::CloudWatch::Dashboard", 0);
    without.resourceCountIs("AWS::Lambda::Function", 1);
    const [fn] = Object.values(without.findResources("AWS::Lambda::Function"));
    expect(Object.keys(fn?.Properties.Environment.Variables)).not.toContain("BOARD_KEY");
    const policies = JSON.stringify(without.findResources("AWS::IAM::Policy"));
    expect(policies).toContain("state.json");
    expect(policies).not.toContain("board.json.gz");
  });

  it("has a name that says whose it is, which the stack puts out", () => {
    const stack = new OriginWatchStack(
      new App({ context: flags.context }),
      "OriginWatch",
      readConfig({ alertEmail: "a@example.com" }),
    );
    const own = Template.fromStack(stack);
    const [id] = Object.keys(own.findResources("AWS::CloudWatch::Dashboard"));
    own.hasResourceProperties("AWS::CloudWatch::Dashboard", {
      DashboardName: { "Fn::Join": ["", [{ Ref: "AWS::StackName" }, "-origins-", { Ref: "AWS::Region" }]] },
    });
    own.hasOutput("DashboardName", { Value: { Ref: id } });
    own.hasOutput("StatusBoardFunctionArn", {});
  });
});

describe("a run is too long ago", () => {
  it.each([
    ["rate(5 minutes)", undefined, 15],
    ["rate(15 minutes)", undefined, 45],
    ["rate(1 day)", undefined, 3 * 1_440],
    ["cron(0 6 ? * MON-FRI *)", undefined, 4 * 1_440],
    ["rate(15 minutes)", Duration.hours(2), 120],
    // More than an alarm can see.
    ["rate(5 days)", undefined, 7 * 1_440],
    ["rate(10 days)", undefined, 30 * 1_440],
    ["cron(0 6 ? * MON *)", undefined, 21 * 1_440],
  ])("with %s when the alarm on silence speaks, or would", (expression, wanted, minutes) => {
    expect(staleAfter(rhythmOf(ScheduleExpression.expression(expression)), wanted).toMinutes()).toBe(minutes);
  });
});

describe("the saved queries", () => {
  it("are in a folder of the stack, and ask the log of the function", () => {
    const [logGroup] = idsOf("AWS::Logs::LogGroup", { FieldIndexPolicies: Match.anyValue() });
    const definitions = Object.values(template.findResources("AWS::Logs::QueryDefinition"));
    expect(definitions.map(({ Properties }) => Properties.Name)).toEqual(
      savedQueries.map(({ name }) => ({ "Fn::Join": ["", [{ Ref: "AWS::StackName" }, `/${name}`]] })),
    );
    for (const { Properties } of definitions) {
      expect(Properties.LogGroupNames).toEqual([{ Ref: logGroup }]);
      expect(Properties.QueryString.length).toBeLessThan(10_000);
    }
  });

  it("are there without a dashboard too", () => {
    without.resourceCountIs("AWS::Logs::QueryDefinition", savedQueries.length);
  });
});

describe("the synthesis", () => {
  it("has nothing to warn of", () => {
    const stack = stackWith({ eventBus: "default", securityHub: true, muteTags: true });
    Template.fromStack(stack);
    const annotations = Annotations.fromStack(stack);
    expect(annotations.findWarning("*", Match.anyValue())).toEqual([]);
    expect(annotations.findError("*", Match.anyValue())).toEqual([]);
    expect(annotations.findInfo("*", Match.anyValue())).toEqual([]);
  });
});
