import { isAbsolute } from "node:path";
import { printable } from "../../lambda/text/printable.ts";
import { shown } from "../terminal/input/usage-error.ts";

/** What must be wrong for the step to fail. */
export type FailOn = "failing" | "at-risk" | "unknown" | "never";

/** The inputs of the step, as `action.yml` describes them. */
export type Inputs = {
  /** For `check`: source, options and path. */
  readonly argv: readonly string[];
  /** The output files that are asked for, by the output that names them. */
  readonly files: Readonly<Record<(typeof fileInputs)[number]["input"], string>>;
  readonly failOn: FailOn;
  /** Whether the step may pass where something was not read or not checked. */
  readonly allowUnread: boolean;
  readonly mostConnections: number;
  readonly timeLimitMs: number;
};

export type ReadInputs =
  | { readonly kind: "inputs"; readonly inputs: Inputs }
  | { readonly kind: "invalid"; readonly messages: readonly string[] };

const sources = ["template", "terraform", "account"];
const failOns: readonly FailOn[] = ["failing", "at-risk", "unknown", "never"];

/** Connections of a step: a pull request must not scan the network of a runner. */
const connectionBounds = { most: 50_000, usual: 2_000 };
/** Minutes of a step: at most as long as a job of GitHub may take. */
const minuteBounds = { most: 360, usual: 10 };

/** Paths of files that are written, with the option of `check` for each. */
export const fileInputs = [
  { input: "sarif-file", option: "sarif" },
  { input: "junit-file", option: "junit" },
  { input: "report-file", option: "report" },
] as const;

/**
 * Reads the inputs from the environment, where a runner puts each as `INPUT_NAME`
 * (https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#inputs). What is empty is not given.
 */
export function readInputs(environment: Readonly<Record<string, string | undefined>>): ReadInputs {
  const messages: string[] = [];
  const given = (name: string) => (environment[`INPUT_${name.toUpperCase()}`] ?? "").trim();
  const expected = (name: string, what: string) => {
    messages.push(`${name}: expected ${what}, got ${shown(given(name))}`);
  };
  const isTrue = (name: string) => {
    const text = given(name);
    // As YAML 1.2 writes them (https://yaml.org/spec/1.2.2/#10212-boolean).
    if (!/^(|true|True|TRUE|false|False|FALSE)$/.test(text)) expected(name, "true or false");
    return text.toLowerCase() === "true";
  };
  const wholeNumber = (name: string, { most, usual }: { readonly most: number; readonly usual: number }) => {
    const text = given(name);
    if (text === "") return usual;
    const value = /^\d{1,7}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > most) expected(name, `a whole number from 1 to ${most}`);
    return value;
  };
  const outputFile = (name: string) => {
    const text = given(name);
    const outside = isAbsolute(text) || text.split(/[/\\]/).includes("..");
    if (outside || printable(text, 500) !== text) expected(name, "a path in the workspace, from its root");
    return text;
  };

  const source = given("source");
  if (!sources.includes(source)) expected("source", "template, terraform or account");
  const path = given("path");
  if (source === "account" ? path !== "" : path === "" || path === "-") {
    expected("path", source === "account" ? "none with the source account" : "a file or a folder");
  }
  const failOn = failOns.find((each) => each === (given("fail-on") || "failing"));
  if (failOn === undefined) expected("fail-on", "failing, at-risk, unknown or never");

  const files = {
    "sarif-file": outputFile("sarif-file"),
    "junit-file": outputFile("junit-file"),
    "report-file": outputFile("report-file"),
  };
  const option = (name: string, value: string) => (value === "" ? [] : [`--${name}=${value}`]);
  const lines = (name: string) => given(name).split(/\s*\n\s*/);
  const argv = [
    source,
    "--github",
    ...(isTrue("changed") ? ["--changed"] : []),
    ...(isTrue("allow-private") ? ["--allow-private"] : []),
    ...option("against", given("against")),
    ...option("policies", given("policies")),
    ...option("ca", given("ca-file")),
    ...lines("parameters").flatMap((each) => option("parameter", each)),
    ...lines("dns-servers").flatMap((each) => option("dns-server", each)),
    ...fileInputs.flatMap(({ input, option: name }) => option(name, files[input])),
    // Whatever a path begins with, it is no option.
    ...(path === "" ? [] : ["--", path]),
  ];
  const inputs = {
    argv,
    files,
    failOn: failOn ?? "failing",
    allowUnread: isTrue("allow-unread"),
    mostConnections: wholeNumber("max-connections", connectionBounds),
    timeLimitMs: wholeNumber("time-limit", minuteBounds) * 60_000,
  };
  return messages.length > 0 ? { kind: "invalid", messages } : { kind: "inputs", inputs };
}
