/**
 * `npm run demo` shows the whole job, `npm run demo -- month` the messages of a month, `npm run demo -- organization` a hub
 * of 40 accounts; `npm run demo -- FILE.html` says where the page goes that it writes.
 *
 * What it needs takes seconds to load, so it is loaded once something is to be read.
 */
const [, , given] = process.argv;

if (given === "month") {
  console.log("A month of an account with 300 origins, on a clock of its own. Nothing leaves this machine.\n");
  console.log("Running 2,880 runs; their messages come at the end ...");
  const { monthInWords } = await import("./demo-month.ts");
  console.log(await monthInWords());
} else if (given === "organization") {
  console.log(`Origin Watch in an organization in a box: 40 accounts, each with CloudFront and a role, STS and Organizations, and
workers in two more Regions, all on this machine. No AWS account is used and nothing leaves it.

Building the function and starting the accounts ...`);
  const { showOrganization } = await import("./demo-organization.ts");
  const page = await showOrganization(process.argv[3]);
  console.log(`\nThe page of the last run, in a browser: ${page}\nHow to set it up: docs/accounts.md`);
} else {
  console.log(`Origin Watch in an AWS account in a box: CloudFront, CloudWatch, SNS, S3 and some thirty origins, most of them broken, all on
this machine. No AWS account is used and nothing leaves it.

The function that a deployment would have runs four times: it finds what is wrong, is sure of it, has nothing new to say,
and sees that one origin was repaired. Then an origin goes dark and another answers 502 by itself, while viewers ask: three
more runs, with what CloudFront counts. You see what it logs, and the mails that people would get.

Building the function and starting the origins ...`);
  const { showRuns } = await import("./demo-runs.ts");
  const page = await showRuns(given);
  console.log(`
Where to look next:
- The page with all of it, in a browser: ${page}
- One of your own origins: npm run -s origin-watch -- check origin www.example.com
- What each finding means, and its fix: docs/findings.md
- The mails of a month: npm run demo -- month
- Forty accounts in an organization: npm run demo -- organization
- Deploying it: README.md, "Deploy"`);
}
