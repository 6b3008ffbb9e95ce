/** An account of an organization, of which nothing more is read: its owner's address stays where it is. */
export type ListedAccount = {
  /** Twelve digits. */
  readonly id: string;
  /** Chosen by whoever has the account, and never unique. */
  readonly name: string | null;
};
