import { nameOf } from "../read-file.ts";
import type { Source } from "../source.ts";
import { atMostOne, UsageError } from "../usage-error.ts";
import { one } from "../values.ts";
import { policiesOption } from "./policies-file.ts";

export const config: Source = {
  name: "config",
  argument: "FILE",
  help: "saved output of `aws cloudfront list-distributions`, `get-distribution` or `get-distribution-config` (- for standard input; no AWS call)",
  originsAlone: false,
  options: policiesOption,
  open: (given, values) => {
    const file = atMostOne(given);
    if (file === undefined) throw new UsageError("config needs a FILE, or - for standard input");
    const policies = one(values, "policies") ?? null;
    return {
      place: nameOf(file),
      file,
      read: async () =>
        (await import("./read-configuration.ts")).readConfiguration({
          file,
          policiesFile: policies,
          parameters: new Map(),
          expected: "answer",
        }),
    };
  },
};
