import { beforeAll, describe, expect, it } from "vitest";
import { type Certificate, readCertificate } from "../../lambda/x509/certificate.ts";
import { bestPath } from "../../lambda/x509/path.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { type Authority, createAuthority, type Issued } from "../sandbox/authority.ts";

let root: Authority;
let otherRoot: Authority;
let policy: Authority;
let issuing: Authority;
let leaf: Issued;

beforeAll(async () => {
  root = await createAuthority({ name: "Path Root" });
  otherRoot = await createAuthority({ name: "Other Root" });
  policy = await root.intermediate({ name: "Path Policy" });
  issuing = await policy.intermediate({ name: "Path Issuing" });
  leaf = await issuing.leaf({ names: ["a.test"] });
});

function certificates(...list: readonly { der: Buffer }[]): Certificate[] {
  return list.map(({ der }) => {
    const reading = readCertificate(der);
    if (reading.kind === "unreadable") throw new Error(reading.problem);
    return reading.certificate;
  });
}

function pathOf(sent: readonly { der: Buffer }[], anchors: readonly Authority[] = [root]) {
  return bestPath(certificates(...sent), trustAnchors(anchors.map(({ certificatePem }) => certificatePem)), Date.now());
}

describe("bestPath", () => {
  it("reaches the anchor through all intermediates", () => {
    expect(pathOf([leaf, issuing, policy])).toMatchObject({ indices: [0, 1, 2], end: { kind: "anchored" } });
  });

  it("reaches the anchor whatever the order, and tells the order", () => {
    expect(pathOf([leaf, policy, issuing])?.indices).toEqual([0, 2, 1]);
  });

  it("passes over certificates that do not belong to it", () => {
    expect(pathOf([leaf, otherRoot, issuing, policy])?.indices).toEqual([0, 2, 3]);
  });

  it("says which issuer is missing", () => {
    const path = pathOf([leaf, issuing]);
    expect(path?.end).toMatchObject({ kind: "issuer-missing", last: { commonNames: [{ text: "Path Issuing" }] } });
  });

  it("says at which foreign root it ends", () => {
    const path = pathOf([leaf, issuing, policy, root], [otherRoot]);
    expect(path?.end).toMatchObject({ kind: "foreign-root", root: { commonNames: [{ text: "Path Root" }] } });
  });

  it("prefers the trusted one of two cross-signed paths", async () => {
    const crossed = await otherRoot.crossSign(policy);
    expect(pathOf([leaf, issuing, policy, crossed], [otherRoot])).toMatchObject({
      indices: [0, 1, 3],
      end: { kind: "anchored", anchor: { commonNames: [{ text: "Other Root" }] } },
    });
  });

  it("prefers a path that is valid now over an expired one", async () => {
    const expired = await root.crossSign(policy, { notBefore: -20, notAfter: -10 });
    expect(pathOf([leaf, issuing, expired, policy])?.indices).toEqual([0, 1, 3]);
  });

  it("does not take an issuer's name for its signature", async () => {
    const impostor = await createAuthority({ name: "Path Issuing" });
    expect(pathOf([leaf, impostor])?.end).toMatchObject({
      kind: "issuer-missing",
      last: { commonNames: [{ text: "a.test" }] },
    });
  });

  it("says whose key should have signed, where that is known", async () => {
    const damaged = Buffer.from(leaf.der);
    damaged.writeUInt8((damaged.at(-1) ?? 0) ^ 1, damaged.length - 1);
    const [broken] = certificates({ der: damaged });
    const path = bestPath([broken!, ...certificates(issuing, policy)], trustAnchors([root.certificatePem]), Date.now());
    expect(path).toMatchObject({
      indices: [0],
      end: { kind: "signature-refused", issuer: { commonNames: [{ text: "Path Issuing" }] } },
    });
  });

  it("ends in bounded time on authorities that all sign each other", async () => {
    const ring = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => createAuthority({ name: `Ring ${number}` })));
    const crossed = (
      await Promise.all(ring.map((one) => Promise.all(ring.map((other) => one.crossSign(other)))))
    ).flat();
    const signed = await ring[0]!.leaf({ names: ["a.test"] });
    expect(pathOf([signed, ...crossed])?.end.kind).not.toBe("anchored");
  });
});

describe("trustAnchors", () => {
  it("holds Mozilla's list as Node ships it, without what the machine adds", () => {
    const anchors = trustAnchors();
    expect(anchors.pem.length).toBeGreaterThan(100);
    expect(certificates(root).some((certificate) => anchors.has(certificate))).toBe(false);
  });
});
