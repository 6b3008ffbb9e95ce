import type { OptionTable } from "../option.ts";

export const policiesOption: OptionTable = {
  policies: {
    type: "string",
    value: "FILE",
    help:
      "saved output of `aws cloudfront list-cache-policies` and `list-origin-request-policies` " +
      "(either, or both in a JSON list)",
  },
};
