import type { Configuration } from "../configuration/configuration.ts";
import type { Distribution } from "../configuration/distribution.ts";
import type { AccountsRead } from "./accounts.ts";

/** What was read of the accounts, and their configuration for the plan. */
export type PlannedOnce = {
  /** What a run needs beyond its plan. */
  readonly kept: Promise<AccountsRead>;
  /** The whole configuration. It is given away once: after that nobody here holds it. */
  readonly take: () => Promise<Configuration>;
};

/**
 * Lets go of the configuration once it is planned: of a hundred thousand origins it takes a tenth of a function's memory,
 * and after the plan a run asks for the ids and accounts of distributions, and for their edge functions.
 *
 * @param all keeps it whole, for who asks through distributions
 */
export function plannedOnce(read: Promise<AccountsRead>, all: boolean): PlannedOnce {
  let whole: Configuration | null = null;
  const kept = read.then((accounts) => {
    whole = accounts.configuration;
    return all ? accounts : { ...accounts, configuration: outlineOf(accounts.configuration) };
  });
  return {
    kept,
    async take() {
      const { configuration } = await kept;
      const taken = whole ?? configuration;
      whole = null;
      return taken;
    },
  };
}

function outlineOf(configuration: Configuration): Configuration {
  return { ...configuration, distributions: configuration.distributions.map(outline) };
}

function outline(distribution: Distribution): Distribution {
  const behaviors = distribution.behaviors.filter(({ edgeFunctions }) => edgeFunctions.length > 0);
  return { ...distribution, origins: [], originGroups: [], behaviors };
}
