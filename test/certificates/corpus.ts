import { type CertificateCase, ground } from "./case.ts";
import { algorithms } from "./cases/algorithms.ts";
import { chains } from "./cases/chains.ts";
import { names } from "./cases/names.ts";
import { purposes } from "./cases/purposes.ts";
import { reading } from "./cases/reading.ts";
import { validity } from "./cases/validity.ts";

/** Every certificate case, made anew with fresh keys; the ids are the same every time. */
export function certificateCases(): readonly CertificateCase[] {
  const made = ground();
  return [chains, reading, names, validity, purposes, algorithms].flatMap((cases) => [...cases(made)]);
}
