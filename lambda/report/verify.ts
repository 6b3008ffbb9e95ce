import { ruleOf } from "../judge/catalogue.ts";
import type { Prints, Proof } from "../judge/proof.ts";
import type { StoredRecord } from "./record.ts";
import { shownBy } from "./shown.ts";

/** A command that a person runs, and what it prints while a finding is there and when it is gone. */
export type Verification = {
  readonly command: string;
  /** Null where nobody can say in a few words what to look for. */
  readonly prints: Prints | null;
};

/** How to verify what is said of a connection; null where no command shows it. */
export function verificationOf({ reproduce, findings, connection }: StoredRecord): Verification | null {
  if (reproduce === null) return null;
  const shown = shownBy(findings);
  const rule = shown === undefined ? undefined : ruleOf(shown.code);
  if (shown === undefined || rule === undefined || !isUsual(reproduce)) return { command: reproduce, prints: null };
  if (shown.facts?.intermediate)
    return { command: reproduce, prints: rule.warnsOfExpiry ? (rule.prints ?? null) : ofPath };
  const expiresAt = rule.warnsOfExpiry === undefined ? undefined : shown.facts?.expiresAt;
  if (expiresAt !== undefined) {
    return {
      command: reproduce,
      prints: { failing: null, fixed: `a "notAfter" later than ${openSslTime(expiresAt)}` },
    };
  }
  const [name = connection.domain] = connection.acceptedNames;
  return { command: reproduce, prints: rule.prints ?? usually(rule.proof, name) };
}

/** As OpenSSL prints it: `Nov 29 12:00:00 2026 GMT`, the day in two columns. */
function openSslTime(at: string): string {
  const [, day = "", month = "", year = "", time = ""] = new Date(at).toUTCString().split(" ");
  return `${month} ${day.replace(/^0/, " ")} ${time} ${year} GMT`;
}

/** What testssl.sh prints is for people to read as a whole. */
function isUsual(command: string): boolean {
  return !command.startsWith("testssl.sh ");
}

const ofPath: Prints = { failing: '"verify error"', fixed: '"Verify return code: 0 (ok)"' };
const certificate = "it prints a certificate";

function usually(proof: Proof, name: string): Prints | null {
  switch (proof) {
    case "none":
    case "whole-handshake":
    case "leaf-text":
    case "dns-answer":
      return null;
    case "connection":
      return { failing: '"refused"', fixed: '"succeeded" or "Connected"' };
    case "handshake":
      return { failing: null, fixed: certificate };
    case "handshake-in-time":
      return { failing: "nothing within 10 seconds", fixed: certificate };
    case "handshake-held-open":
      return { failing: '"certificate required" or "handshake failure"', fixed: "neither of them" };
    case "offered-versions":
      return { failing: '"protocol version" or "handshake failure"', fixed: certificate };
    case "offered-suites":
    case "offered-groups":
    case "offered-signature-schemes":
      return { failing: '"handshake failure"', fixed: certificate };
    case "leaf-dates":
      return { failing: 'a "notAfter" in the past', fixed: 'a "notAfter" in the future' };
    case "leaf-names":
      return { failing: `no "DNS:" entry for ${name}`, fixed: `a "DNS:" entry for ${name}` };
  }
}

/** What must be said of a command that is not OpenSSL's; none of the usual ones. */
export function commandNote(command: string): readonly string[] {
  return isUsual(command) ? [] : ["(OpenSSL supports neither SSLv3 nor RC4 nor 3DES. testssl.sh does.)"];
}
