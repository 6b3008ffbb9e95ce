import type { State } from "./state.ts";

/** What this process remembers between runs, as long as its execution environment lives. */
export type ProcessMemory = {
  /** Identifies this process as the holder of a lease. A process has one run at a time. */
  readonly holder: string;
  /** What could not be stored. Without it, a schedule of a few minutes would repeat every message. */
  unsaved: Unsaved | null;
  /** The ETag of the state that was last read or written, null where there was none; absent where none was ever read. */
  lastEtag?: string | null;
};

export type Unsaved = {
  readonly state: State;
  /** The ETag of the stored state beside which it was told; null when there was none, or when that is not known. */
  readonly basedOn: string | null;
  /** It has only what was told while the stored state could not be read, and belongs beside that. @default false */
  readonly isPart?: boolean;
};
