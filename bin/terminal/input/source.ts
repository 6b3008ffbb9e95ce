import type { Configuration } from "../../../lambda/configuration/configuration.ts";
import type { OptionTable } from "./option.ts";
import type { PlaceOf } from "./place.ts";
import type { Values } from "./values.ts";

/** Why nothing is known, in one line. */
export type Unreadable = { readonly kind: "unreadable"; readonly message: string };

export type Reading =
  | (Configuration & {
      /** What somebody should know although it was read, one sentence each. */
      readonly remarks?: readonly string[];
      /** Where origins are written, where the input tells; it may look into files. */
      readonly placeOf?: PlaceOf;
      /** What to say where no distribution is left, in place of that there is none. */
      readonly whyEmpty?: string;
    })
  | Unreadable;

/** A configuration that has not been read yet. */
export type Opened = {
  /** Where it is, in the middle of a sentence. */
  readonly place: string;
  /** The file, or `-` for standard input; absent where it is none. */
  readonly file?: string;
  readonly read: () => Promise<Reading> | Reading;
};

/** A kind of place that a configuration comes from: a row of the table in sources.ts. */
export type Source = {
  /** The first word after the command. */
  readonly name: string;
  /** What follows the word, as the help shows it; empty for nothing. */
  readonly argument: string;
  /** For the help: what it is. */
  readonly help: string;
  /** Options that only this source takes, or some sources. */
  readonly options: OptionTable;
  /** It is origins without a distribution, so that nobody uses their connections. */
  readonly originsAlone: boolean;
  /** What it is has not been deployed yet, as a rule, so that there is nothing to mute. */
  readonly beforeDeployment?: true;
  /**
   * Understands the command line; reads nothing yet.
   *
   * @param given what follows the word
   * @throws UsageError
   */
  readonly open: (given: readonly string[], values: Values) => Opened;
};
