import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTagMutes } from "../../lambda/aws/tags.ts";
import { isDistributionId } from "../../lambda/configuration/distribution-id.ts";
import { consoleLinks } from "../../lambda/report/console-links.ts";
import { scope } from "../tell/records.ts";
import { hostileTexts } from "./texts.ts";

const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.constantFrom(...hostileTexts), fc.string());
const hosts = /^([a-z0-9-]+\.)?console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$/;

describe("an id of AWS", () => {
  it.each(["E1", "E1EXAMPLE", "A".repeat(32)])("%s is that of a distribution", (id) => {
    expect(isDistributionId(id)).toBe(true);
  });

  it.each(["", "e1", "E1/x", "E1?x", "E1\n", "../E1", "A".repeat(33), "E1#x", "É1", ...hostileTexts])(
    "%j is none, and nothing is made of it",
    async (id) => {
      expect(isDistributionId(id)).toBe(false);
      expect(consoleLinks(scope, "eu-west-1").distribution(id)).toBeNull();
      const asked: unknown[] = [];
      const client = { send: (command: unknown) => asked.push(command) } as never;
      const { mutes, problems } = await readTagMutes(client, scope, [id], undefined);
      expect([asked, mutes]).toEqual([[], []]);
      expect(problems).toMatchObject([{ code: "details-unreadable" }]);
    },
  );

  it("leads to the console and nowhere else, whatever the id, the log group, the Region and the partition", () => {
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.oneof(anyText, fc.constant("eu-west-1")),
        anyText,
        (id, group, region, partition) => {
          for (const known of ["aws", "aws-cn", "aws-us-gov", partition]) {
            const links = consoleLinks({ partition: known }, region);
            for (const link of [links.distribution(id), links.distribution("E1"), links.logGroup(group)]) {
              if (link === null) continue;
              const { protocol, hostname, username, search } = new URL(link);
              expect([protocol, username]).toEqual(["https:", ""]);
              expect(hostname).toMatch(hosts);
              expect(search).toBe(`?region=${region}`);
              expect(link).not.toMatch(/[\s"'<>`]/);
            }
          }
        },
      ),
      { numRuns: 1_000 },
    );
    expect(consoleLinks(scope, "eu-west-1").distribution("E1")).toContain("eu-west-1#/distributions/E1");
  });
});
