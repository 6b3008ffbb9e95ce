import { sources } from "../../cloudfront/sources.ts";
import { connectionRule } from "../rule.ts";

export const s3WebsiteOverHttps = connectionRule({
  code: "s3-website-over-https",
  effect: "504",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "The origin is an S3 website endpoint, which does not support HTTPS, and CloudFront uses HTTPS.",
  source: sources.httpsToCustomOrigin,
  examine: ({ planned, connection }) => {
    if (planned.kind !== "foreseen" || planned.reason !== "s3-website-over-https") return undefined;
    return {
      title: "S3 website endpoint reached over HTTPS",
      cause: `${connection.domain} is a website endpoint of Amazon S3, which does not support HTTPS.`,
      explanation:
        "By the origin protocol policy, CloudFront connects over HTTPS: always with HTTPS Only, for viewers over HTTPS with Match Viewer.",
      remedy: [
        "Set the origin protocol policy of the origin to HTTP Only.",
        "Or use the bucket's REST endpoint as an S3 origin with origin access control, which needs no public bucket.",
      ],
      evidence: { expected: "an endpoint that supports HTTPS", seen: connection.domain },
    };
  },
});
