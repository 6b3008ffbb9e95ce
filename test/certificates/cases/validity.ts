import { type CertificateCase, changed, type Ground } from "../case.ts";
import { nothing, sequence } from "../der.ts";
import { basicConstraints, extendedKeyUsage, extension, extensionIds, generalName, named, purposes } from "../forge.ts";
import { authority, type Changes, leaf } from "../pki.ts";

/** Dates, by the clock and as of another time. */
export function validity(ground: Ground): readonly CertificateCase[] {
  return [...byTheClock(ground), ...asOf(ground)];
}

function byTheClock(ground: Ground): CertificateCase[] {
  const unknown = extension(extensionIds.unknown, nothing, true);
  const both = (id: string, changes: Changes): CertificateCase[] => [
    changed(ground, `dates: leaf ${id}`, { ofLeaf: changes }),
    changed(ground, `dates: intermediate ${id}`, { ofIssuing: { from: -400, until: 3_000, ...changes } }),
  ];
  return [
    ...both("expired", { from: -100, until: -10 }),
    ...both("not yet valid", { from: 10 }),
    ...both("expires in 5 days", { from: -85, until: 5 }),
    ...both("expired, with an unknown extension that is no DER", {
      from: -100,
      until: -10,
      more: [extension(extensionIds.unknown, Buffer.from("hello"))],
    }),
    ...both("expired, with an unknown critical extension", { from: -100, until: -10, more: [unknown] }),
    changed(ground, "dates: leaf expired, for clients", {
      ofLeaf: { from: -100, until: -10, extensions: { extendedKeyUsage: extendedKeyUsage(purposes.clientAuth) } },
    }),
    changed(ground, "dates: leaf expired, for another name", {
      ofLeaf: { from: -100, until: -10, extensions: { subjectAltName: sequence(generalName.dns("www.example.com")) } },
    }),
    changed(ground, "dates: leaf and intermediate expired", {
      ofLeaf: { from: -100, until: -10 },
      ofIssuing: { from: -400, until: -5 },
    }),
  ];
}

/** What OpenSSL, which goes by the clock, hides behind a date or does not see. */
function asOf(ground: Ground): CertificateCase[] {
  const dayMs = 86_400_000;
  const now = Math.floor(Date.now() / 1_000) * 1_000;
  const { dns } = generalName;
  const faults: readonly (readonly [string, Parameters<typeof changed>[2]])[] = [
    ["nothing else", {}],
    [
      "an unknown critical extension in the leaf",
      { ofLeaf: { more: [extension(extensionIds.unknown, nothing, true)] } },
    ],
    [
      "an unknown critical extension in the intermediate",
      { ofIssuing: { more: [extension(extensionIds.unknown, nothing, true)] } },
    ],
    [
      "a leaf for clients only",
      { ofLeaf: { extensions: { extendedKeyUsage: extendedKeyUsage(purposes.clientAuth) } } },
    ],
    [
      "an intermediate for clients only",
      { ofIssuing: { extensions: { extendedKeyUsage: extendedKeyUsage(purposes.clientAuth) } } },
    ],
    ["an intermediate that is no CA", { ofIssuing: { extensions: { basicConstraints: basicConstraints(false) } } }],
    ["a root with a path length of 0", { ofRoot: { extensions: { basicConstraints: basicConstraints(true, 0) } } }],
    [
      "another domain is permitted",
      { ofIssuing: { extensions: { nameConstraints: sequence(permitted(dns("example.org"))) } } },
    ],
    [
      "the domain is permitted",
      { ofIssuing: { extensions: { nameConstraints: sequence(permitted(dns("example.com"))) } } },
    ],
    ["another name", { ofLeaf: { extensions: { subjectAltName: sequence(dns("www.example.com")) } } }],
    ["a basicConstraints that is no DER", { ofLeaf: { extensions: { basicConstraints: Buffer.from("hello") } } }],
  ];
  const periods = [
    { id: "50 days ago, expired by the clock", from: -100, until: -10, now: now - 50 * dayMs },
    { id: "in 50 days, not yet valid by the clock", from: 10, until: 100, now: now + 50 * dayMs },
    { id: "5 days ago, valid by the clock too", from: -10, until: 80, now: now - 5 * dayMs },
  ];
  const old = { from: -400, until: 3_000 };
  return [
    ...periods.flatMap(({ id, from, until, now }) =>
      faults.map(([fault, { ofLeaf, ofIssuing, ofRoot }]) => ({
        ...changed(ground, `as of ${id}: ${fault}`, {
          ofLeaf: { from, until, ...ofLeaf },
          ofIssuing: { ...old, ...ofIssuing },
          ...(ofRoot === undefined ? {} : { ofRoot }),
        }),
        now,
      })),
    ),
    { ...changed(ground, "as of 50 days ago: leaf not valid then, valid by the clock", {}), now: now - 50 * dayMs },
    { ...changed(ground, "as of in 100 days: leaf expired then, valid by the clock", {}), now: now + 100 * dayMs },
    {
      ...changed(ground, "as of in 100 days: intermediate expired then, valid by the clock", {
        ofLeaf: { until: 200 },
        ofIssuing: { until: 60 },
      }),
      now: now + 100 * dayMs,
    },
    { ...incompleteThen(ground), now: now - 50 * dayMs },
  ];
}

function incompleteThen({ root }: Ground): CertificateCase {
  const lower = authority("Lower", authority("Policy", root));
  const { der, keys } = leaf(lower, { from: -100, until: -10, subject: named("api.example.com") });
  return {
    id: "as of 50 days ago, expired by the clock: an intermediate is missing",
    sent: [der, lower.der],
    keys,
    anchors: [root.der],
  };
}

function permitted(name: Buffer): Buffer {
  const inner = sequence(name);
  return Buffer.concat([Buffer.from([0xa0, inner.length]), inner]);
}
