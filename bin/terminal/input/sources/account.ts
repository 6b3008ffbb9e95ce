import type { Source } from "../source.ts";
import { shown, UsageError } from "../usage-error.ts";
import { one } from "../values.ts";

export const account: Source = {
  name: "account",
  argument: "",
  help: ["every distribution of the signed-in account"],
  singleOrigin: false,
  options: { profile: { type: "string", value: "NAME", help: "a profile of the AWS CLI's configuration" } },
  open: (argument, values) => {
    if (argument !== undefined) throw new UsageError(`account takes no argument, got ${shown(argument)}`);
    const profile = one(values, "profile") ?? null;
    return {
      place: "the account",
      read: async () => (await import("./read-account.ts")).readSignedInAccount(profile),
    };
  },
};
