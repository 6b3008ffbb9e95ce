import { expect, test } from "vitest";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import type { Finding } from "../../lambda/judge/finding.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { connectionRecord } from "../../lambda/report/connection-record.ts";
import { apiOrigin, apiSummary } from "../plan/api-answers.ts";
import { ofAddress, refusedAt, samples } from "../tell/samples.ts";

const read = readDistribution(apiSummary("E1EXAMPLE", { Origins: { Items: [apiOrigin("api.example.com")] } }));
if (read.kind !== "distribution") throw new Error("no distribution");
const [planned] = plan([read.distribution], noPolicies).connections;
if (planned === undefined) throw new Error("no connection");

const privateAddress = ofAddress("dns-private-address", { kind: "not-dialled", range: "private" });
const risk = (finding: Finding): Finding => ({ ...finding, effect: "may" });

test.each([
  ["a risk of 504 by its rule", samples["some-addresses-dark"](), "504"],
  ["what would be 504 on all addresses", [risk(privateAddress)], "504"],
  ["what is 504", [privateAddress], undefined],
  ["a risk of 502", [risk(refusedAt("203.0.113.7"))], undefined],
])("a record says what CloudFront may answer: %s", (_, findings, expected) => {
  const [finding] = connectionRecord(planned, [], findings).findings;
  expect(finding?.mayAnswer).toBe(expected);
});
