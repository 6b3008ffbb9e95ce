import type { Option } from "./option.ts";
import type { Source } from "./source.ts";
import { UsageError } from "./usage-error.ts";
import { flag, one, type Values } from "./values.ts";

/** Whether CloudFront itself is asked, and where what owners say of that is read: in the account, or nowhere for a file. */
export type AskingCloudFront =
  | { readonly kind: "no" }
  | { readonly kind: "file" }
  | { readonly kind: "account"; readonly profile: string | null };

export const throughCloudFrontOption: Option = {
  type: "boolean",
  help: "for account and config: ask CloudFront itself too, by requests through the distributions",
};

/** @throws UsageError where there are no distributions to ask through */
export function asksCloudFront(values: Values, source: Pick<Source, "name">): AskingCloudFront {
  if (!flag(values, "through-cloudfront")) return { kind: "no" };
  if (source.name === "config") return { kind: "file" };
  if (source.name === "account") return { kind: "account", profile: one(values, "profile") ?? null };
  throw new UsageError("--through-cloudfront goes with account or config");
}
