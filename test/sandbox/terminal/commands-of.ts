import { load } from "js-yaml";

/**
 * The command lines in the blocks of a page that are indented by four spaces, without remarks. A line that ends in `|`
 * or in a backslash goes on in the next.
 */
export function indentedCommands(page: string): readonly string[] {
  const commands: string[] = [];
  for (const line of page.replaceAll(/^```[\s\S]*?^```$/gm, "").split("\n")) {
    const command = line.trim().replace(/(^|\s+)# .*$/, "");
    if (!line.startsWith("    ") || command === "") continue;
    const before = commands.at(-1);
    if (before?.endsWith("|") === true) commands[commands.length - 1] = `${before} ${command}`;
    else if (before?.endsWith("\\") === true) commands[commands.length - 1] = `${before.slice(0, -1)}${command}`;
    else commands.push(command);
  }
  return commands;
}

/** The blocks of a language in a page. */
export function fenced(page: string, language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);
}

/** A step of a job: what a shell runs, or the inputs of this project's action. */
export type Step = { readonly run: string } | { readonly action: Readonly<Record<string, string>> };

/** The steps of a GitHub workflow (`run`, and the action) or of a GitLab job (`script`), job after job. */
export function stepsIn(yaml: string): readonly Step[] {
  const file: unknown = load(yaml);
  if (isWorkflow(file)) {
    return Object.values(file.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ run, uses, with: inputs = {} }) => {
        if (run !== undefined) return { run };
        return uses?.startsWith("./") === true ? { action: inputs } : [];
      }),
    );
  }
  return Object.values(file as Readonly<Record<string, { readonly script?: readonly string[] }>>)
    .flatMap(({ script }) => script ?? [])
    .map((run) => ({ run }));
}

type Workflow = {
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly steps: readonly {
          readonly run?: string;
          readonly uses?: string;
          readonly with?: Readonly<Record<string, string>>;
        }[];
      }
    >
  >;
};

function isWorkflow(file: unknown): file is Workflow {
  return typeof file === "object" && file !== null && "jobs" in file;
}
