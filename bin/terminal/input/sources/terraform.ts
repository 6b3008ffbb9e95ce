import { nameOf } from "../read-file.ts";
import type { Source } from "../source.ts";
import { atMostOne, UsageError } from "../usage-error.ts";
import { flag, one } from "../values.ts";
import { policiesOption } from "./policies-file.ts";

export const terraform: Source = {
  name: "terraform",
  argument: "FILE",
  help: "a plan or a state of Terraform or OpenTofu, before it is applied: what `terraform show -json` prints (- for standard input; no AWS call)",
  originsAlone: false,
  beforeDeployment: true,
  options: {
    ...policiesOption,
    changed: { type: "boolean", help: "only distributions that the plan changes, themselves or in what they refer to" },
  },
  open: (given, values) => {
    const file = atMostOne(given);
    if (file === undefined) throw new UsageError("terraform needs a FILE, or - for standard input");
    const policiesFile = one(values, "policies") ?? null;
    const changedOnly = flag(values, "changed");
    return {
      place: nameOf(file),
      file,
      read: async () =>
        (await import("./read-terraform-file.ts")).readTerraformFile({ file, policiesFile, changedOnly }),
    };
  },
};
