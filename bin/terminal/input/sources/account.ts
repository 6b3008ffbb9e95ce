import type { Source } from "../source.ts";
import { atMostOne, shown, UsageError } from "../usage-error.ts";
import { flag, one } from "../values.ts";

export const account: Source = {
  name: "account",
  argument: "",
  help: "every distribution of the signed-in account",
  originsAlone: false,
  options: {
    profile: { type: "string", value: "NAME", help: "a profile of the AWS CLI's configuration" },
    "read-functions": {
      type: "boolean",
      help: "read the code of CloudFront functions, to know whether an origin is one that they replace",
    },
  },
  open: (given, values) => {
    const argument = atMostOne(given);
    if (argument !== undefined) throw new UsageError(`account takes no argument, got ${shown(argument)}`);
    const profile = one(values, "profile") ?? null;
    const readFunctions = flag(values, "read-functions");
    return {
      place: "the account",
      read: async () => (await import("./read-account.ts")).readSignedInAccount(profile, readFunctions),
    };
  },
};
