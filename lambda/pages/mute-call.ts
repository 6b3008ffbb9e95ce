import * as v from "valibot";
import { type BoardWish, wishEntries } from "../incidents/board-mutes.ts";

/** What the function that mutes from the board is called for. */
export type MuteCall =
  /** Somebody chose something: it is asked whether they mean it, and nothing is written down but the question. */
  | { readonly kind: "ask"; readonly wish: BoardWish }
  /** Somebody answers that question. */
  | { readonly kind: "confirm"; readonly wish: BoardWish; readonly nonce: string }
  /** Something else, such as a widget that loads by itself. */
  | { readonly kind: "nothing" };

/**
 * Reads the event of a call. CloudWatch calls with the rights of whoever looks at a dashboard, with parameters that whoever
 * edits it chose: what is not exactly of one of the two forms is nothing.
 */
export function readMuteCall(event: unknown): MuteCall {
  const parsed = v.safeParse(call, event);
  if (!parsed.success) return { kind: "nothing" };
  const { origin, account, time } = parsed.output;
  const wish = { origin, account, time };
  if (parsed.output.step === "ask") return { kind: "ask", wish };
  return { kind: "confirm", wish, nonce: parsed.output.nonce };
}

/** The parameters of a call: `readMuteCall` makes it of them again. */
export function muteParameters(wish: BoardWish, nonce: string | null): object {
  const { origin, account, time } = wish;
  return { step: nonce === null ? "ask" : "confirm", origin, account, time, ...(nonce === null ? {} : { nonce }) };
}

/** Whether an origin can be muted here: the same names as in `mutes.json`. */
export function isMutableOrigin(domain: string): boolean {
  return v.is(wishEntries.origin, domain);
}

const wish = {
  // CloudWatch adds it; nothing in it is looked at here.
  widgetContext: v.exactOptional(v.unknown()),
  ...wishEntries,
};
const call = v.variant("step", [
  v.strictObject({ ...wish, step: v.literal("ask") }),
  v.strictObject({
    ...wish,
    step: v.literal("confirm"),
    nonce: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/)),
  }),
]);
