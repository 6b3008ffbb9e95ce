import type { Option } from "./option.ts";
import type { Source } from "./source.ts";
import { account } from "./sources/account.ts";
import { config } from "./sources/config.ts";
import { origin } from "./sources/origin.ts";
import { template } from "./sources/template.ts";
import { terraform } from "./sources/terraform.ts";

/** Everywhere a configuration can come from. Each loads what reads it when it is wanted: help waits for none. */
export const sources: readonly Source[] = [account, config, template, terraform, origin];

/** An option that some sources take and others do not. */
export type SourceOption = { readonly name: string; readonly option: Option; readonly takenBy: readonly string[] };

/** All options of sources, each once, in the order of the table. */
export const sourceOptions: readonly SourceOption[] = [
  ...new Map(sources.flatMap(({ options }) => Object.entries(options))),
].map(([name, option]) => ({
  name,
  option,
  takenBy: sources.filter(({ options }) => Object.hasOwn(options, name)).map((source) => source.name),
}));
