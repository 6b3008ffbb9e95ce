import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `node test/configuration/provider/list-attributes.ts CDKTF PULUMI`: writes attributes.json, the attributes of the
 * resources that are read, as others generate them from the schema of the AWS provider. The arguments are folders into
 * which @cdktf/provider-aws and @pulumi/aws were unpacked (`npm pack`): they are too large to install for a list.
 */
const [, , cdktf = "", pulumi = ""] = process.argv;

const ofCdktf = {
  aws_cloudfront_distribution: ["cloudfront-distribution", "CloudfrontDistribution"],
  aws_cloudfront_cache_policy: ["cloudfront-cache-policy", "CloudfrontCachePolicy"],
  aws_cloudfront_origin_request_policy: ["cloudfront-origin-request-policy", "CloudfrontOriginRequestPolicy"],
  aws_cloudfront_vpc_origin: ["cloudfront-vpc-origin", "CloudfrontVpcOrigin"],
  aws_cloudfront_continuous_deployment_policy: [
    "cloudfront-continuous-deployment-policy",
    "CloudfrontContinuousDeploymentPolicy",
  ],
  "data.aws_cloudfront_cache_policy": ["data-aws-cloudfront-cache-policy", "DataAwsCloudfrontCachePolicy"],
  "data.aws_cloudfront_origin_request_policy": [
    "data-aws-cloudfront-origin-request-policy",
    "DataAwsCloudfrontOriginRequestPolicy",
  ],
} as const;
/** Younger than the last @cdktf/provider-aws, or with attributes that are. */
const ofPulumi = {
  aws_cloudfront_distribution: "distribution",
  aws_cloudfront_multitenant_distribution: "multitenantDistribution",
  aws_cloudfront_distribution_tenant: "distributionTenant",
  aws_cloudfront_connection_group: "connectionGroup",
} as const;

function version(folder: string): string {
  return String(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version);
}

/** Each class asks for its attributes by their names, and makes an object of another class for each block. */
function fromCdktf(folder: string, root: string): readonly string[] {
  const source = readFileSync(join(cdktf, "lib", folder, "index.js"), "utf8");
  const classes = new Map(
    source
      .split(/^class /m)
      .slice(1)
      .map((text) => [/^\w+/.exec(text)?.[0] ?? "", text]),
  );
  const walk = (name: string, path: string): readonly string[] => {
    const text = classes.get(name) ?? "";
    const blocks = new Map(
      [...text.matchAll(/new (\w+)\(this, "(\w+)"/g)].map(([, inner = "", attribute = ""]) => [attribute, inner]),
    );
    const plain = [...text.matchAll(/Attribute\(["'](\w+)["']\)/g)].map(([, attribute = ""]) => attribute);
    return [...new Set([...blocks.keys(), ...plain])].flatMap((attribute) => {
      const inner = blocks.get(attribute)?.replace(/List$/, "OutputReference");
      return [`${path}${attribute}`, ...(inner === undefined ? [] : walk(inner, `${path}${attribute}.`))];
    });
  };
  return walk(root, "");
}

/** Pulumi writes camelCase, and a list of blocks in the plural. */
function fromPulumi(name: string): readonly string[] {
  const types = readFileSync(join(pulumi, "types", "input.d.ts"), "utf8");
  const own = readFileSync(join(pulumi, "cloudfront", `${name}.d.ts`), "utf8");
  const walk = (body: string, path: string): readonly string[] =>
    [...body.matchAll(/^ +(?:readonly )?(\w+)\??: (pulumi\.\S.*);$/gm)].flatMap(([, member = "", type = ""]) => {
      const inner = /(?:inputs|outputs)\.cloudfront\.(\w+)/.exec(type)?.[1];
      const singular = inner !== undefined && type.includes("[]") ? member.replace(/s$/, "") : member;
      const attribute = `${path}${singular.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
      const interior =
        inner === undefined
          ? ""
          : (new RegExp(`^    interface ${inner} \\{$(.*?)^    \\}$`, "ms").exec(types)?.[1] ?? "");
      return [attribute, ...walk(interior, `${attribute}.`)];
    });
  const resource = /^export declare class .*?^}$/ms.exec(own)?.[0] ?? "";
  return walk(resource, "");
}

const lists = [
  ...Object.entries(ofCdktf).map(([type, [folder, root]]) => [type, fromCdktf(folder, root)] as const),
  ...Object.entries(ofPulumi).map(([type, name]) => [type, fromPulumi(name)] as const),
];
const attributes = new Map<string, Set<string>>();
for (const [type, list] of lists) {
  // The provider gives every resource an id.
  const known = attributes.get(type) ?? new Set(["id"]);
  for (const attribute of list) known.add(attribute);
  attributes.set(type, known);
}
const file = {
  sources: { "@cdktf/provider-aws": version(cdktf), "@pulumi/aws": version(pulumi) },
  attributes: Object.fromEntries([...attributes].map(([type, list]) => [type, [...list].toSorted()])),
};
writeFileSync(join(import.meta.dirname, "attributes.json"), `${JSON.stringify(file, null, 2)}\n`);
