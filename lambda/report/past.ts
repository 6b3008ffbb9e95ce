/** What earlier runs know of findings, by their identity, and of what people were told. */
export type Past = {
  /** When a run first saw it, ISO 8601; null where this is the first one. */
  readonly firstSeen: (id: string) => string | null;
  /** Since when people are told of it, ISO 8601; null where they are not. */
  readonly toldSince: (id: string) => string | null;
  /** Whether it is open, told or not, up to the last run. */
  readonly isOpen: (id: string) => boolean;
  /** Whether it is open that viewers of the distribution get errors. */
  readonly viewersGetErrors: (distributionId: string) => boolean;
};

/** Nothing is known, as in a first run. */
export const noPast: Past = {
  firstSeen: () => null,
  toldSince: () => null,
  isOpen: () => false,
  viewersGetErrors: () => false,
};
