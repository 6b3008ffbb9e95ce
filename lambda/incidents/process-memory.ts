import type { State } from "./state.ts";

/** What this process remembers from run to run, as long as its execution environment lives. */
export type ProcessMemory = {
  /** Names this process among those that send. A process has one run at a time. */
  readonly holder: string;
  /**
   * The state as it should be, while it cannot be kept; `basedOn` is the ETag of the stored one, null when there was
   * none or when it could not be read. That is what keeps a schedule of a few minutes from repeating itself.
   */
  unsaved: { readonly state: State; readonly basedOn: string | null } | null;
};
