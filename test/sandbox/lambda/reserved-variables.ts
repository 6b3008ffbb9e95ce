import { randomBytes } from "node:crypto";
import { SECRET_MARKER } from "../secret-marker.ts";
import type { FunctionDefinition } from "./function-definition.ts";

/**
 * The environment that Lambda gives every function beside its own variables, by
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime. `_X_AMZN_TRACE_ID`
 * changes with each invocation and is set by the runtime. `LD_LIBRARY_PATH` and `NODE_PATH` lead to what is not on this
 * machine and are left out.
 *
 * @param runtimeApi `HOST:PORT`
 */
export function reservedVariables(definition: FunctionDefinition, runtimeApi: string): Record<string, string> {
  const { name, region, runtime, handler, memoryMb, code, logGroup, logFormat } = definition;
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return {
    _HANDLER: handler,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[$LATEST]${randomBytes(16).toString("hex")}`,
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    AWS_LAMBDA_LOG_FORMAT: logFormat,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    // Those of a role, which always come with a token. The box checks no signature.
    AWS_ACCESS_KEY_ID: "ASIASANDBOX",
    AWS_SECRET_ACCESS_KEY: SECRET_MARKER,
    AWS_SESSION_TOKEN: SECRET_MARKER,
    LAMBDA_TASK_ROOT: code,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    LANG: "en_US.UTF-8",
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    TZ: ":UTC",
  };
}
