import type { State } from "./state.ts";

/** What this process remembers between runs, as long as its execution environment lives. */
export type ProcessMemory = {
  /** Identifies this process as the holder of a lease. A process has one run at a time. */
  readonly holder: string;
  /**
   * The state that could not be stored. `basedOn` is the ETag of the stored one, null when there was none or when it
   * could not be read. Without it, a schedule of a few minutes would repeat every message.
   */
  unsaved: { readonly state: State; readonly basedOn: string | null } | null;
};
