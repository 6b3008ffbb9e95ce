import { defineConfig } from "vitest/config";
import type { Reporter, TestModule } from "vitest/node";

// On Linux node_modules has the Node that Lambda has, and npm and npx find it first; elsewhere they run that of the machine.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const here = `The tests need Node 22.18 or newer, and this is ${process.versions.node}`;
  process.stderr.write(`${here}: run npm test on Linux after npm ci, and install a newer Node elsewhere.\n`);
  process.exit(1);
}

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
  "test/action/run.test.ts",
  "test/{documented-commands,package,template}.test.ts",
  "test/functions/{accounts,organization-size,board-mutes,counted-outages,critical-topic,dark-with-viewers,egress,inside-vpc,first-hour,hostile-member,many-connections,mutes,no-network,origin-went-dark,own-alarms,relay,relay-pager,reported-outages,status-board,through-cloudfront,time-left,fleet,member-rights,vantages,vpc-origins,viewer-errors,watch}.test.ts",
  "test/{aws,certificates,fuzz,hostile,judge,pagerduty,probe,sandbox,terminal}/**/*.test.ts",
  "test/incidents/{faults,incident-update,tell}.test.ts",
  "test/insights/saved-queries.test.ts",
  "test/plan/corpus.test.ts",
  "test/report/reproduce.test.ts",
  "test/telemetry/powertools.test.ts",
  "test/tls/{client-side,transcript}.test.ts",
  "test/x509/{certificate,path}.test.ts",
];
/** What synthesises the stack, bundles the functions, or opens a browser, and so mostly computes. */
const built = [
  "test/action/bundle.test.ts",
  "test/{docs,names,schemas}.test.ts",
  "test/incidents/upgrade.test.ts",
  "test/{insights,lib}/**/*.test.ts",
  "test/pages/*-browser.test.ts",
];
/** What plays thousands of histories, plans or days: it waits for nobody, and takes a core for long. */
const played = [
  "test/incidents/{failed-writes,full-state,histories,model}.test.ts",
  "test/memory/{logged,renewals}.test.ts",
  "test/plan/plan-properties.test.ts",
];

// No test is a matter of time: what hangs is ended, and a busy machine is not what hangs.
const limit = 10 * 60_000;
const shared = {
  globalSetup: "test/shared-work.ts",
  setupFiles: ["test/setup.ts"],
  testTimeout: limit,
  hookTimeout: limit,
  teardownTimeout: limit,
};

export default defineConfig({
  test: {
    reporters: ["default", countingReporter],
    // Most of the time is spent waiting for servers, so two workers for each of the two cores of CI are not too many.
    maxWorkers: 4,
    coverage: {
      provider: "v8",
      include: ["bin/**/*.ts", "lambda/**/*.ts", "lib/**/*.ts"],
      reporter: ["text-summary", "html"],
      // What is reached, in whole percent. What runs in processes of its own, as the bundled functions do, does not count.
      thresholds: { statements: 88, branches: 83, functions: 90, lines: 89 },
    },
    projects: [
      {
        resolve: {
          alias: [{ find: /^aws-cdk-lib(\/.*)?$/, replacement: `${import.meta.dirname}/test/no-synthesis.ts` }],
        },
        test: {
          ...shared,
          name: "unit",
          // What is pure leaves nothing behind for the next file: a worker of its own would cost each more than its tests.
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: [...live, ...built, ...played],
          setupFiles: [...shared.setupFiles, "test/no-servers.ts"],
        },
      },
      {
        test: { ...shared, name: "played", include: played, setupFiles: [...shared.setupFiles, "test/no-servers.ts"] },
      },
      { test: { ...shared, name: "built", include: built, exclude: live } },
      { test: { ...shared, name: "live", include: live } },
    ],
  },
});
