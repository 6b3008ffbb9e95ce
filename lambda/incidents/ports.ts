import type { Severity } from "../judge/effect.ts";

/**
 * What a session needs from the outside. Expected failures are values; a port that throws is a bug or a crash. Each call
 * is over `withinMs` milliseconds after it began; what is cut off has failed, although it may have been heard.
 */
export type Ports = {
  readonly readState: (withinMs: number) => Promise<StateRead>;
  /** Replaces the object with that ETag, or creates it when there must be none (null). */
  readonly writeState: (text: string, etag: string | null, withinMs: number) => Promise<StateWrite>;
  /** Copies the object with that ETag to a name of its own, so that overwriting it loses nothing. */
  readonly keepAside: (etag: string, withinMs: number) => Promise<KeptAside>;
  readonly publish: (message: Message, withinMs: number) => Promise<Publication>;
};

/** One message in all its renderings. What is null is not rendered; subscribers that would get it get the text. */
export type Message = {
  /** Printable ASCII, at most 99 characters. */
  readonly subject: string;
  /** Plain text for people. */
  readonly text: string;
  /** One line for a telephone. */
  readonly short: string | null;
  /** JSON for programs. */
  readonly data: string | null;
  /** JSON for chat: the custom notification of Amazon Q Developer in chat applications. */
  readonly chat: string | null;
  readonly attributes: MessageAttributes;
};

/** By what subscribers may filter. Lists may be shortened. */
export type MessageAttributes = {
  readonly event: string;
  readonly severity: Severity;
  readonly codes: readonly string[];
  readonly distributionIds: readonly string[];
  readonly origins: readonly string[];
  /** Of the accounts that it concerns. */
  readonly accountIds: readonly string[];
};

/** Those of an organization; text and renderings leave room for 15 bytes each. */
export const mostAccountIds = 1_000;

export type StateRead =
  | { readonly kind: "missing" }
  | { readonly kind: "found"; readonly text: string; readonly etag: string }
  | { readonly kind: "failed"; readonly error: string };

export type StateWrite =
  | { readonly kind: "written"; readonly etag: string }
  /** Somebody else wrote since we read. */
  | { readonly kind: "conflict" }
  | { readonly kind: "failed"; readonly error: string };

export type KeptAside =
  | { readonly kind: "kept"; readonly location: string }
  | { readonly kind: "failed"; readonly error: string };

export type Publication =
  | {
      readonly kind: "sent";
      readonly messageId: string;
      /** Who should have got it besides, and why they did not. */
      readonly failedBesides?: string;
    }
  /** `retryable` tells whether the same call may succeed later without anybody doing something. */
  | { readonly kind: "failed"; readonly error: string; readonly retryable: boolean };
