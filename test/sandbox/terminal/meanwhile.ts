import type { Meanwhile } from "./stage.ts";

/** What happens in the box while a command of the documentation runs. */
export function meanwhile(command: string): Meanwhile | undefined {
  if (!/\bwatch origin expired\.box\.test\b/.test(command)) return undefined;
  // Somebody renews the certificate.
  return { sees: "certificate-expired", does: (account) => account.repair("expired.box.test") };
}
