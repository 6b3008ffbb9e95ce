import { type Configuration, unclear } from "../../../../lambda/configuration/configuration.ts";
import { noPolicies, type Policies } from "../../../../lambda/configuration/policies.ts";
import { readInventory } from "../../../../lambda/configuration/read-inventory.ts";
import { readPolicies } from "../../../../lambda/configuration/read-policies.ts";
import { readTemplates, type WrittenResource } from "../../../../lambda/configuration/read-template.ts";
import { both } from "../../../../lambda/configuration/template-policies.ts";
import type { TemplateFile } from "../../../../lambda/configuration/template-stack.ts";
import { nameOf, unreadable } from "../read-file.ts";
import type { Reading, Unreadable } from "../source.ts";
import { templatePlaces } from "../template-places.ts";
import { readSaved } from "./read-saved.ts";
import { type Folder, templatesIn } from "./template-folder.ts";

/** What stands in files, and what is added to it. */
export type Files = {
  /** A path, or `-` for standard input. */
  readonly file: string;
  /** Saved policies, null where none are given. */
  readonly policiesFile: string | null;
  /** Values for parameters of templates, by name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** What somebody meant who gives something else. */
  readonly expected: "answer" | "template";
};

/** Reads answers of the API, a template, or every template of a folder such as `cdk.out`. */
export function readConfiguration(files: Files): Reading {
  const { file, policiesFile, parameters } = files;
  const saved = readPoliciesFile(policiesFile);
  if (saved.kind === "unreadable") return saved;
  let folder: Folder | null;
  try {
    folder = file === "-" ? null : templatesIn(file);
  } catch (error) {
    return unreadable(nameOf(file), error);
  }
  const read = folder === null ? readFile(files) : readFolder(folder, nameOf(file), parameters);
  if (read.kind === "unreadable") return read;
  return {
    ...read,
    placeOf: templatePlaces(file, folder !== null, read.written ?? new Map()),
    policies: both(read.policies, saved.policies),
    problems: [...read.problems, ...saved.problems],
    remarks: [...(read.remarks ?? []), ...saved.remarks],
  };
}

type Written = { readonly written?: ReadonlyMap<string, WrittenResource> };

function readFile({ file, parameters, expected }: Files): (Reading & Written) | Unreadable {
  const saved = readSaved(file, expected === "template");
  if (saved.kind === "unreadable") return saved;
  const answers = [...saved.answers, ...(expected === "answer" ? saved.others : [])];
  const templates = [...saved.templates, ...(expected === "template" ? saved.others : [])];
  const named = templates.map((template, index): TemplateFile => {
    const name = templates.length === 1 ? "" : String(index + 1);
    return { name, path: name, template };
  });
  const readings = [
    ...(answers.length === 0 ? [] : [readInventory(answers.length === 1 ? answers[0] : answers)]),
    ...(named.length === 0 ? [] : [readTemplates(named, parameters)]),
  ];
  const unrecognised = readings.find((each) => each.kind === "unrecognised");
  if (unrecognised !== undefined) return { kind: "unreadable", message: unrecognised.problem };
  return together(
    readings.filter((each) => each.kind === "configuration"),
    saved.remarks,
  );
}

function readFolder(folder: Folder, name: string, parameters: ReadonlyMap<string, string>): Reading & Written {
  const { files, problems, remarks } = folder;
  if (files.length === 0) {
    const [first = `there is no template in ${name}`] = problems;
    return { kind: "unreadable", message: first };
  }
  const read = readTemplates(files, parameters);
  if (read.kind === "unrecognised") return { kind: "unreadable", message: read.problem };
  const broken = { ...read, problems: [...unclear(problems), ...read.problems] };
  return together([broken], remarks);
}

function together(
  readings: readonly (Configuration & Written & { readonly remarks?: readonly string[] })[],
  remarks: readonly string[],
): Reading & Written {
  return {
    kind: "configuration",
    distributions: readings.flatMap(({ distributions }) => distributions),
    policies: readings.reduce((all, { policies }) => both(all, policies), noPolicies),
    problems: readings.flatMap(({ problems }) => problems),
    remarks: [...remarks, ...readings.flatMap((each) => each.remarks ?? [])],
    written: new Map(readings.flatMap(({ written }) => [...(written ?? [])])),
  };
}

export type SavedPolicies = Pick<Configuration, "policies" | "problems"> & {
  readonly kind: "policies";
  readonly policies: Policies;
  readonly remarks: readonly string[];
};

/** @param file null where none is given */
export function readPoliciesFile(file: string | null): SavedPolicies | Unreadable {
  if (file === null) return { kind: "policies", policies: noPolicies, problems: [], remarks: [] };
  const saved = readSaved(file);
  if (saved.kind === "unreadable") return saved;
  const answers = [...saved.answers, ...saved.templates, ...saved.others].flat();
  const read = readPolicies(answers);
  if (read.kind === "unrecognised")
    return { kind: "unreadable", message: `cannot read ${nameOf(file)}: ${read.problem}` };
  return { kind: "policies", policies: read.policies, problems: unclear(read.problems), remarks: saved.remarks };
}
