/** What `deliver` needs from the outside. Expected failures are values; a port that throws is a bug or a crash. */
export type Ports = {
  readonly readState: () => Promise<StateRead>;
  /** Replaces the object with that ETag, or creates it when there must be none (null). */
  readonly writeState: (text: string, etag: string | null) => Promise<StateWrite>;
  /** Copies the object with that ETag to a name of its own, so that overwriting it loses nothing. */
  readonly keepAside: (etag: string) => Promise<KeptAside>;
  readonly publish: (message: Message) => Promise<Publication>;
};

export type Message = {
  /** Printable ASCII, at most 99 characters. */
  readonly subject: string;
  readonly body: string;
};

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
  | { readonly kind: "sent"; readonly messageId: string }
  /** `retryable` tells whether the same call may succeed later without anybody doing something. */
  | { readonly kind: "failed"; readonly error: string; readonly retryable: boolean };
