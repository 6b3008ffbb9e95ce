import { printable } from "../../../lambda/text/printable.ts";

/** What a text holds. */
export type Documents =
  | {
      readonly kind: "documents";
      /** One, or several that stand one after the other. */
      readonly values: readonly unknown[];
      /** What a reader should know although it was understood, one sentence each. */
      readonly remarks: readonly string[];
    }
  | { readonly kind: "unreadable"; readonly problem: string };

/** Of two members of one name in an object, the last one counts: that is how CloudFormation reads it. */
export function duplicateRemark(line: number, name: string): string {
  return `line ${line}: "${printable(name, 60)}" stands there twice; the last one counts, as in CloudFormation`;
}
