import type { OriginProtocolPolicy, ViewerProtocolPolicy } from "../configuration/distribution.ts";

export type Scheme = "https" | "http";

/**
 * The schemes with which CloudFront may connect to an origin for the requests of one cache behavior
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html).
 *
 * With redirect-to-https and https-only, the edge answers requests over HTTP, so a match-viewer origin gets only HTTPS.
 */
export function originSchemes(origin: OriginProtocolPolicy, viewer: ViewerProtocolPolicy): readonly Scheme[] {
  switch (origin) {
    case "http-only":
      return ["http"];
    case "https-only":
      return ["https"];
    case "match-viewer":
      return viewer === "allow-all" ? ["https", "http"] : ["https"];
  }
}
