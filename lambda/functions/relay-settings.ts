import type { ServiceRegion } from "../pagerduty/send-event.ts";
import { type Environment, optional, required } from "./environment.ts";

/** What the relay is told through its environment; lib/relay.ts sets it. */
export type RelaySettings = {
  /** The topic whose messages are relayed; nobody else's are. */
  readonly topicArn: string;
  /** Name or ARN of a bus, null when no events are wanted. */
  readonly eventBus: string | null;
  /** The account's own product of Security Hub, null when no findings are wanted. */
  readonly productArn: string | null;
  readonly pagerDuty: PagerDutySettings | null;
  /** Where the state is, for those that follow it; null where none does. */
  readonly state: { readonly bucket: string; readonly key: string } | null;
};

export type PagerDutySettings = {
  /** The secret that holds the routing key. */
  readonly secretArn: string;
  readonly serviceRegion: ServiceRegion;
  /** Whether names and ids are left out of what PagerDuty gets. */
  readonly redact: boolean;
  /** Where tests have a PagerDuty of their own; never set by the stack. */
  readonly connectTo: { readonly address: string; readonly port: number } | null;
};

/** Throws with the variable's name when it is missing: then the deployment is broken. */
export function readRelaySettings(environment: Environment): RelaySettings {
  const productArn = optional(environment, "SECURITY_HUB_PRODUCT_ARN");
  const secretArn = optional(environment, "PAGERDUTY_SECRET_ARN");
  return {
    topicArn: required(environment, "TOPIC_ARN"),
    eventBus: optional(environment, "EVENT_BUS"),
    productArn,
    pagerDuty:
      secretArn === null
        ? null
        : {
            secretArn,
            serviceRegion: serviceRegion(required(environment, "PAGERDUTY_SERVICE_REGION")),
            redact: environment.PAGERDUTY_REDACT === "true",
            connectTo: connectTo(optional(environment, "PAGERDUTY_CONNECT_TO")),
          },
    state:
      productArn === null && secretArn === null
        ? null
        : { bucket: required(environment, "STATE_BUCKET"), key: required(environment, "STATE_KEY") },
  };
}

function serviceRegion(value: string): ServiceRegion {
  if (value === "us" || value === "eu") return value;
  throw new Error(`environment variable PAGERDUTY_SERVICE_REGION: expected us or eu, got ${value.slice(0, 20)}`);
}

/** `ADDRESS:PORT` */
function connectTo(value: string | null): PagerDutySettings["connectTo"] {
  const { address, port } = /^(?<address>[\d.]+):(?<port>\d{1,5})$/.exec(value ?? "")?.groups ?? {};
  return address === undefined ? null : { address, port: Number(port) };
}
