import type { OriginProtocolPolicy, ViewerProtocolPolicy } from "../configuration/distribution.ts";

export type Scheme = "https" | "http";

/**
 * With which schemes CloudFront may connect to an origin for the requests of one cache behavior
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html).
 *
 * With redirect-to-https and https-only, requests over HTTP are answered at the edge, so that an origin that matches
 * the viewer sees HTTPS only.
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
