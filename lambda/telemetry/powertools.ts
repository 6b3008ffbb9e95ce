import { LogFormatter, Logger, LogItem } from "@aws-lambda-powertools/logger";
import type { LogAttributes, UnformattedAttributes } from "@aws-lambda-powertools/logger/types";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { BoardKept } from "../board/keep-board.ts";
import { functionDimension, metricsNamespace, service } from "../contract/metrics.ts";
import type { Delivery } from "../incidents/delivery.ts";
import type { MemoryKept } from "../memory/keep-memory.ts";
import { type LogChoice, logsConnection, logsOrigin } from "../memory/logged.ts";
import type { DistributionRecord } from "../report/distribution-record.ts";
import { fittingRecord } from "../report/fitting-record.ts";
import { problemsInTurns } from "../report/problems-in-turns.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import { fitting } from "../text/fitting.ts";
import { visibleJsonLine } from "../text/json-line.ts";
import type { CountAsked } from "../weighing/count-errors.ts";
import type { EdgeCounts } from "../weighing/weigh-edge.ts";
import { incidentRecord } from "./incident-record.ts";
import { runMetrics } from "./metrics.ts";
import { foremostFields, originRecords } from "./origin-record.ts";

/** CloudWatch Logs takes 1 MiB an event today and took 256 KiB for long; some subscribers still do. */
export const maxLogRecordBytes = 200 * 1024;

export type Telemetry = {
  /** Logs a connection of which nothing will be told, as soon as it is judged; others wait for `recordResults`. */
  readonly recordConnection: (runId: string, record: ConnectionRecord) => void;
  /** Logs the connections of a run that were not logged yet, its origins, its distributions and its incidents. */
  readonly recordResults: (report: RunReport, updates: Delivery["updates"], choice: LogChoice) => void;
  /**
   * Logs the run itself, and emits its metrics.
   *
   * @param kept what became of what the run leaves behind
   */
  readonly recordRun: (report: RunReport, delivery: Delivery, kept: Kept) => void;
};

export type Kept = {
  /** The board for those who look; null where nobody wants one. */
  readonly board: BoardKept | null;
  /** What the next run is to know beyond what was told. */
  readonly memory: MemoryKept;
  /** What became of asking what CloudFront counted; null where nobody asked. */
  readonly counts: CountAsked | null;
  /** What became of asking through distributions; null where nobody asked. */
  readonly throughCloudFront: EdgeCounts | null;
  /** How many connections have no record in the log; absent where a run logs everything, however many there are. */
  readonly unlogged?: number;
};

/**
 * Writes JSON log records and metrics in the Embedded Metric Format to standard output.
 *
 * Log records (docs/queries.md): `message` is `connection` for each connection, with the fields of its
 * `ConnectionRecord` beside it, `origin` for each origin, `distribution` for each whose viewers get errors, `incident` for
 * each open incident and those that are over now, `run` for the run, and `problem` for each of its
 * problems that had no room in that. All carry `runId`. Which connections and origins
 * have one, a `LogChoice` says.
 *
 * @param functionName by which the metrics of this function are told from those of another stack's
 */
export function powertoolsTelemetry(functionName: string): Telemetry {
  const logger = new VisibleLogger({ serviceName: service.value, logFormatter: new WholeRecordFormatter() });
  const metrics = new Metrics({ namespace: metricsNamespace, serviceName: service.value });
  const logged = new WeakSet<ConnectionRecord>();
  const log = (runId: string, record: ConnectionRecord) => {
    logged.add(record);
    const fitting = fittingRecord(record, maxLogRecordBytes);
    logger.info("connection", { runId, ...foremostFields(record), ...fitting });
  };
  return {
    recordConnection(runId, record) {
      if (record.verdict === "healthy" || record.verdict === "skipped") log(runId, record);
    },
    recordResults(report, updates, choice) {
      const { records, runId, distributionRecords = [] } = report;
      for (const record of records) if (!logged.has(record) && logsConnection(choice, record)) log(runId, record);
      for (const record of originRecords(report, (origin) => logsOrigin(choice, origin)))
        logger.info("origin", { runId, ...record });
      for (const record of distributionRecords.filter(saysSomething)) logger.info("distribution", { runId, ...record });
      for (const update of updates) logger.info("incident", { runId, ...incidentRecord(update) });
    },
    recordRun(report, told, kept) {
      const { updates: _, ...delivery } = told;
      // What CloudFront counted for each distribution is in no record of the run as a whole: there may be thousands.
      const { records, runId, distributionRecords: __, countsOff: ___, accounts, problems, ...run } = report;
      const inRun = problemsThatFit(problems);
      const fitted = new Set(inRun);
      const besides = problems.filter((each) => !fitted.has(each));
      for (const problem of besides) logger.warn("problem", { runId, ...problem });
      const problemText = problemTextOf(report, delivery.failures, kept);
      const level = problemText === null ? "info" : "warn";
      logger[level]("run", {
        runId,
        trouble: problemText,
        ...kept,
        ...run,
        problems: inRun,
        ...(besides.length > 0 ? { problemsBesides: besides.length } : {}),
        ...accountsOf(accounts),
        connections: records.length,
        delivery,
      });
      const counts = { sent: delivery.sent.length, failures: delivery.failures.length };
      for (const { name, unit, value } of runMetrics(report, counts)) metrics.addMetric(name, unit, value);
      // Each is a set of dimensions beside that of the service, which is in both.
      metrics
        .addDimensions({})
        .addDimensions({ [functionDimension]: functionName })
        .publishStoredMetrics();
    },
  };
}

/**
 * As many as the record of a run has room for: thousands of accounts may deny. Each account has its share, and what is left
 * has records of its own.
 */
function problemsThatFit(problems: RunReport["problems"]): RunReport["problems"] {
  return fitting(
    problemsInTurns(problems),
    maxLogRecordBytes / 2,
    (problem) => Buffer.byteLength(visibleJsonLine(problem)) + 1,
  );
}

/** How many there are, where there are several; who was not read is among the problems. */
function accountsOf(accounts: RunReport["accounts"]) {
  if (accounts === undefined || accounts.watched.length < 2) return {};
  const { watched, read, unread } = accounts;
  return { accounts: { watched: watched.length, read, leftOut: unread.length } };
}

/** Of thousands of distributions most have no errors, every run. */
function saysSomething({ findings, otherErrors }: DistributionRecord): boolean {
  return findings.length > 0 || otherErrors;
}

/** Everything that hampered a run in one text, which a query can show; null when nothing did. */
function problemTextOf(
  { problems }: RunReport,
  failures: Delivery["failures"],
  { board, memory }: Kept,
): string | null {
  const sentences = [
    ...problems.map(({ message }) => message),
    ...failures.map(({ step, error, consequence }) => `${step}: ${error}. ${consequence}`),
    ...(board?.kind === "failed" ? [`The status board was not stored: ${board.error}.`] : []),
    ...(memory.kind === "failed" ? [`What to begin with in the next run was not stored: ${memory.error}.`] : []),
  ];
  return sentences.length === 0 ? null : sentences.join(" ").slice(0, longestProblemText);
}

const longestProblemText = 2_000;

/** Powertools' own formatter drops fields that are null or empty; in a `ConnectionRecord` these mean something. */
class WholeRecordFormatter extends LogFormatter {
  override formatAttributes(attributes: UnformattedAttributes, more: LogAttributes): LogItem {
    const { logLevel: level, message, timestamp, serviceName: service, xRayTraceId, lambdaContext } = attributes;
    return new WholeLogItem({
      attributes: {
        level,
        message,
        timestamp: this.formatTimestamp(timestamp),
        service,
        function_request_id: lambdaContext?.awsRequestId,
        xray_trace_id: xRayTraceId,
        ...more,
      },
    });
  }
}

/**
 * Shows what is invisible in a text, a comment or a path say: who reads a log in a console must not see another text than
 * the one that is there.
 */
class VisibleLogger extends Logger {
  protected override printLog(_level: number, log: LogItem): void {
    const attributes = log.getAttributes();
    const { stdout, stderr } = process;
    (attributes.level === "WARN" ? stderr : stdout).write(`${visibleJsonLine(attributes)}\n`);
  }
}

class WholeLogItem extends LogItem {
  override prepareForPrint(): void {
    // JSON.stringify leaves out what is undefined; nothing else may be left out.
  }
}
