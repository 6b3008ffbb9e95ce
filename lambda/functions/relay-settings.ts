import { type Environment, optional, required } from "./environment.ts";

/** What the relay is told through its environment; lib/relay.ts sets it. */
export type RelaySettings = {
  /** The topic whose messages are relayed; nobody else's are. */
  readonly topicArn: string;
  /** Name or ARN of a bus, null when no events are wanted. */
  readonly eventBus: string | null;
  readonly securityHub: SecurityHubSettings | null;
};

export type SecurityHubSettings = {
  readonly productArn: string;
  readonly stateBucket: string;
  readonly stateKey: string;
};

/** Throws with the variable's name when it is missing: then the deployment is broken. */
export function readRelaySettings(environment: Environment): RelaySettings {
  const productArn = optional(environment, "SECURITY_HUB_PRODUCT_ARN");
  return {
    topicArn: required(environment, "TOPIC_ARN"),
    eventBus: optional(environment, "EVENT_BUS"),
    securityHub:
      productArn === null
        ? null
        : {
            productArn,
            stateBucket: required(environment, "STATE_BUCKET"),
            stateKey: required(environment, "STATE_KEY"),
          },
  };
}
