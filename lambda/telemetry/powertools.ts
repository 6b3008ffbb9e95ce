import { LogFormatter, Logger, LogItem } from "@aws-lambda-powertools/logger";
import type { LogAttributes, UnformattedAttributes } from "@aws-lambda-powertools/logger/types";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { Delivery } from "../incidents/deliver.ts";
import { fittingRecord } from "../report/fitting-record.ts";
import { runMetrics } from "../tell/metrics.ts";
import type { RunReport } from "../tell/record.ts";

/** Namespace and `service` dimension of all metrics. */
export const metricsNamespace = "OriginWatch";
export const serviceName = "origin-watch";

/** CloudWatch Logs takes 1 MiB an event today and took 256 KiB for long; some subscribers still do. */
export const maxLogRecordBytes = 200 * 1024;

export type Telemetry = {
  /** Logs a run and its connections, and emits its metrics. */
  readonly recordRun: (report: RunReport, delivery: Delivery) => void;
};

/**
 * Writes JSON log records and metrics in the Embedded Metric Format to standard output.
 *
 * Log records: `message` is `connection` for each connection, with the fields of its `ConnectionRecord` beside it, and
 * `run` for the run. All carry `runId`.
 */
export function powertoolsTelemetry(): Telemetry {
  const logger = new Logger({ serviceName, logFormatter: new WholeRecordFormatter() });
  const metrics = new Metrics({ namespace: metricsNamespace, serviceName });
  return {
    recordRun(report, delivery) {
      const { records, runId, ...run } = report;
      for (const record of records) logger.info("connection", { runId, ...fittingRecord(record, maxLogRecordBytes) });
      const level = delivery.failures.length > 0 || report.problems.length > 0 ? "warn" : "info";
      logger[level]("run", { runId, ...run, connections: records.length, delivery });
      const counts = { sent: delivery.sent.length, failures: delivery.failures.length };
      for (const { name, unit, value } of runMetrics(report, counts)) metrics.addMetric(name, unit, value);
      metrics.publishStoredMetrics();
    },
  };
}

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

class WholeLogItem extends LogItem {
  override prepareForPrint(): void {
    // JSON.stringify leaves out what is undefined, and that is all that may be left out.
  }
}
