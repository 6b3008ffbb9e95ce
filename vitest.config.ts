import { defineConfig } from "vitest/config";
import type { Reporter, TestModule } from "vitest/node";

/** Closes the run with one plain line that people and pipelines can count by. */
const countingReporter: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const brokenFiles = modules.filter((module) => module.state() === "failed" && module.errors().length > 0).length;
    process.stdout.write(
      `\n${count("passed")} passed, ${count("failed") + brokenFiles} failed, ${count("skipped")} skipped\n`,
    );
  },
};

/** What speaks to servers, to the account in a box or to processes of its own, and so mostly waits. */
const live = [
  "test/{documented-commands,package,template}.test.ts",
  "test/functions/{relay,status-board,watch}.test.ts",
  "test/{aws,fuzz,judge,probe,sandbox,terminal,tls}/**/*.test.ts",
  "test/incidents/faults.test.ts",
  "test/insights/saved-queries.test.ts",
];
const shared = { setupFiles: ["test/setup.ts"], testTimeout: 20_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    reporters: ["default", countingReporter],
    // Most of the time is spent waiting for servers, so one worker a core is not too many.
    maxWorkers: 2,
    projects: [
      { test: { ...shared, name: "unit", include: ["test/**/*.test.ts"], exclude: live } },
      { test: { ...shared, name: "live", include: live } },
    ],
  },
});
