import type { HandshakeFailure } from "./observation.ts";

/** A failure in a few words, for evidence and listings. */
export function describeFailure(failure: HandshakeFailure): string {
  switch (failure.kind) {
    case "alert":
      return `alert ${failure.alert.description}`;
    case "closed":
    case "reset":
      return `connection ${failure.kind}`;
    case "timed-out":
      return "timed out";
    case "not-tls":
      return "not TLS";
    case "protocol-violation":
      return failure.detail;
    case "too-much-data":
      return "too much data";
  }
}
