/** One option of the command line: as Node's `parseArgs` takes it, and as the help shows it. */
export type Option = {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  readonly short?: string;
  /** What stands for its value in the help, for example `FILE`; absent where it takes none. */
  readonly value?: string;
  /** Begins in lower case and ends without a full stop. */
  readonly help: string;
};

/** Options by name, without the dashes. */
export type OptionTable = Readonly<Record<string, Option>>;
