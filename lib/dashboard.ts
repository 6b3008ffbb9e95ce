import {
  AlarmStatusWidget,
  AlarmStatusWidgetSortBy,
  Dashboard as CloudWatchDashboard,
  Color,
  CustomWidget,
  GraphWidget,
  type IMetric,
  type IWidget,
  LegendPosition,
  LogQueryWidget,
  PeriodOverride,
  Stats,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Duration } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { MetricName } from "../lambda/contract/metrics.ts";
import { type Alarms, longRunMs, ownMetric } from "./alarms.ts";
import { dashboardName } from "./dashboard-name.ts";
import type { Rhythm } from "./rhythm.ts";
import { incompleteRuns, latestVerdicts, openIncidents, type SavedQuery } from "./saved-queries.ts";

export type DashboardProps = {
  readonly function: LambdaFunction;
  readonly timeout: Duration;
  readonly logGroup: LogGroup;
  /** The function behind the custom widget. */
  readonly statusBoard: LambdaFunction;
  /** @default - no alarms are shown */
  readonly alarms?: Alarms | undefined;
  readonly rhythm: Rhythm;
  readonly expiryWarningDays: number;
};

/** The console's grid. */
const fullWidth = 24;

/** The colours of the verdicts, as in the status board. */
const colours = { failing: Color.RED, atRisk: Color.ORANGE, unknown: Color.GREY, healthy: Color.GREEN } as const;

/**
 * What somebody on call sees, in the order of the questions: which origins are broken and why; can I rely on this; what
 * is open since when; did it come suddenly or slowly; and the last result of every origin for those who search.
 */
export class Dashboard extends Construct {
  readonly dashboard: CloudWatchDashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    // A run every few minutes fills a day; with longer intervals a week is needed to see anything move.
    const shown = props.rhythm.periodSeconds < 3_600 ? Duration.days(1) : Duration.days(7);
    this.dashboard = new CloudWatchDashboard(this, "Dashboard", {
      dashboardName,
      defaultInterval: shown,
      // One point a run, whatever the time range.
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        [this.#statusBoard(props)],
        ...(props.alarms === undefined ? [] : [[this.#alarmStates(props.alarms)]]),
        [this.#table(props, "Open incidents", openIncidents, 6)],
        this.#graphs(props),
        this.#runs(props),
        [this.#table(props, "Latest result of each origin in the time range", latestVerdicts, 9)],
        [this.#table(props, "Runs that could not do everything", incompleteRuns, 5)],
      ],
    });
  }

  #statusBoard({ statusBoard }: DashboardProps): IWidget {
    return new CustomWidget({
      title: "Origins, as the last run saw them",
      functionArn: statusBoard.functionArn,
      width: fullWidth,
      height: 12,
      updateOnRefresh: true,
      updateOnResize: true,
      // It shows the last run, whatever the time range.
      updateOnTimeRangeChange: false,
    });
  }

  #alarmStates({ onItself }: Alarms): IWidget {
    return new AlarmStatusWidget({
      title: "Origin Watch itself",
      alarms: [...onItself],
      sortBy: AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
      width: fullWidth,
      height: 3,
    });
  }

  #graphs({ function: lambda, rhythm, expiryWarningDays }: DashboardProps): IWidget[] {
    const metric = metricsAt(lambda, rhythm);
    return [
      graph("Origins by verdict", 12, {
        left: [
          metric("OriginsFailing", "failing", colours.failing),
          metric("OriginsAtRisk", "at risk", colours.atRisk),
          metric("OriginsUnknown", "unknown", colours.unknown),
          metric("OriginsHealthy", "healthy", colours.healthy),
        ],
        stacked: true,
        leftYAxis: { min: 0, showUnits: false },
      }),
      graph("Days until the first certificate ends", 6, {
        left: [metric("SoonestExpiryDays", "days left", Color.BLUE)],
        leftAnnotations: [{ value: expiryWarningDays, label: "warning at the latest", color: colours.atRisk }],
        leftYAxis: { showUnits: false },
      }),
      graph("Origins checked", 6, {
        left: [metric("OriginsChecked", "with a verdict", Color.BLUE)],
        leftYAxis: { min: 0, showUnits: false },
      }),
    ];
  }

  #runs({ function: lambda, timeout, rhythm }: DashboardProps): IWidget[] {
    const metric = metricsAt(lambda, rhythm);
    const whole = lambda.metricDuration({ period: graphPeriod(rhythm), statistic: Stats.MAXIMUM });
    return [
      graph("Duration of a run", 12, {
        left: [
          metric("RunDuration", "looking at origins", Color.BLUE),
          whole.with({ label: "the whole run", color: Color.PURPLE }),
        ],
        leftAnnotations: [{ value: longRunMs(timeout), label: "alarm", color: colours.failing }],
        leftYAxis: { min: 0 },
      }),
      graph("Messages, and what went wrong", 12, {
        left: [
          metric("MessagesSent", "messages sent", Color.BLUE),
          metric("MessageFailures", "messages not sent or not recorded", colours.failing),
          metric("RunProblems", "problems of the run", colours.atRisk),
        ],
        leftYAxis: { min: 0, showUnits: false },
      }),
    ];
  }

  #table({ logGroup }: DashboardProps, title: string, { lines }: SavedQuery, height: number): IWidget {
    return new LogQueryWidget({
      title,
      logGroupNames: [logGroup.logGroupName],
      queryLines: [...lines],
      width: fullWidth,
      height,
    });
  }
}

/** One point for each run; of a cron expression it is only known that it has a day at most between them. */
function graphPeriod({ intervalSeconds, periodSeconds }: Rhythm): Duration {
  return intervalSeconds === null ? Duration.hours(1) : Duration.seconds(periodSeconds);
}

function metricsAt(lambda: LambdaFunction, rhythm: Rhythm) {
  return (name: MetricName, label: string, color: string): IMetric =>
    ownMetric(lambda, name, graphPeriod(rhythm), Stats.MAXIMUM).with({ label, color });
}

function graph(
  title: string,
  width: number,
  props: Omit<ConstructorParameters<typeof GraphWidget>[0], "title">,
): IWidget {
  return new GraphWidget({ title, width, height: 6, legendPosition: LegendPosition.BOTTOM, ...props });
}
