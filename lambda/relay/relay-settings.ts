/** What the relay is told through its environment; lib/relay.ts sets it. */
export type RelaySettings = {
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
export function readRelaySettings(environment: Readonly<Record<string, string | undefined>>): RelaySettings {
  const { EVENT_BUS, SECURITY_HUB_PRODUCT_ARN } = environment;
  return {
    eventBus: EVENT_BUS === undefined || EVENT_BUS === "" ? null : EVENT_BUS,
    securityHub:
      SECURITY_HUB_PRODUCT_ARN === undefined || SECURITY_HUB_PRODUCT_ARN === ""
        ? null
        : {
            productArn: SECURITY_HUB_PRODUCT_ARN,
            stateBucket: required(environment, "STATE_BUCKET"),
            stateKey: required(environment, "STATE_KEY"),
          },
  };
}

function required(environment: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = environment[name];
  if (value === undefined || value === "") throw new Error(`environment variable ${name} is not set`);
  return value;
}
