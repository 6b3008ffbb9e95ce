import { sources } from "../../cloudfront/sources.ts";
import type { ErrorPage } from "../../plan/connection.ts";
import { enumerated } from "../../text/phrase.ts";
import { printable } from "../../text/printable.ts";
import type { Rule } from "../rule.ts";

type ErrorPages = {
  readonly pages: readonly ErrorPage[];
  /** The origin fails, or only an edge function sends requests to one that works. */
  readonly why: "fails" | "placeholder";
};

export const errorPageOrigin: Rule<ErrorPages, "error-page-origin"> = {
  code: "error-page-origin",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "A custom error page is fetched from an origin that fails, or that may be a placeholder.",
  source: sources.errorPages,
  examine: ({ pages, why }) => {
    const paths = pages.map(({ path }) => printable(path, 100));
    const codes = [...new Set(pages.flatMap(({ statusCodes }) => statusCodes))].sort((a, b) => a - b);
    const page = paths.length === 1 ? "the error page" : "the error pages";
    return {
      title: "error page comes from this origin",
      cause: `CloudFront fetches ${page} ${enumerated(paths, 3)} (for ${enumerated(codes.map(String), 6)}) from this origin.`,
      explanation:
        why === "fails"
          ? "The origin fails, so that CloudFront cannot get it and answers with an error of its own."
          : "The origin fails as it is configured, and AWS does not document whether the edge function before it also runs when CloudFront fetches an error page.",
      doubt: `where CloudFront needs ${page}`,
      remedy: [
        "Keep error pages in an S3 bucket, as AWS recommends: it answers while other origins fail.",
        "Or fix this origin.",
      ],
      evidence: { expected: "an origin that works", seen: pages.slice(0, 20).map(({ path }) => printable(path, 255)) },
    };
  },
};
