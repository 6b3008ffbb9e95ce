import { sharedList, sharedText } from "../text/shared.ts";
import {
  choice,
  entries,
  flag,
  isLeftOpen,
  isObject,
  member,
  mismatch,
  type Notes,
  notesOnPart,
  type Part,
  takeNotes,
  text,
  texts,
} from "./api-value.ts";
import type { CacheBehavior, EdgeFunction } from "./distribution.ts";
import { expressionsIn } from "./placeholder.ts";

/**
 * A cache behavior, null when it names no target, which the notes then explain.
 *
 * @param pathPattern `*` for the default cache behavior, which has none of its own; else null
 */
export function readBehavior(part: Part, pathPattern: "*" | null, notes: Notes): CacheBehavior | null {
  if (isLeftOpen(part, notes)) return null;
  const targetOriginId = sharedText(text(member(part, "TargetOriginId"), notes));
  const pattern = pathPattern ?? text(member(part, "PathPattern"), notes);
  if (targetOriginId === null || pattern === null) {
    notes.problems.push(`${mismatch(part, "a cache behavior with its path pattern and TargetOriginId")}; left out`);
    return null;
  }
  const own = notesOnPart(notes);
  const behavior: CacheBehavior = {
    pathPattern: pattern,
    isDefault: pathPattern !== null,
    targetOriginId,
    // A policy that is not known is read as the one under which every kind of connection can occur.
    viewerProtocolPolicy: choice(
      member(part, "ViewerProtocolPolicy"),
      { of: ["allow-all", "redirect-to-https", "https-only"], otherwise: "allow-all" },
      own,
    ),
    cachePolicyId: sharedText(text(member(part, "CachePolicyId"), own) || null),
    originRequestPolicyId: sharedText(text(member(part, "OriginRequestPolicyId"), own) || null),
    forwardedHeaders: readForwardedHeaders(member(part, "ForwardedValues"), own),
    grpc: readGrpc(member(part, "GrpcConfig"), own),
    ...readMethods(member(part, "AllowedMethods"), notes),
    edgeFunctions: readAllFunctions(part, own),
    ...readViewerSide(part),
  };
  return own.open.length === 0 ? behavior : { ...behavior, open: own.open };
}

/** What decides no connection, but which request through the distribution says something; what is open here is nobody's. */
function readViewerSide(part: Part): Pick<CacheBehavior, "signedOnly" | "responseHeadersPolicyId"> {
  const isOn = (name: string) => member(member(part, name), "Enabled").value === true;
  const policyId = text(member(part, "ResponseHeadersPolicyId"), takeNotes()) ?? "";
  return {
    ...(isOn("TrustedKeyGroups") || isOn("TrustedSigners") ? { signedOnly: true } : {}),
    ...(policyId === "" ? {} : { responseHeadersPolicyId: policyId }),
  };
}

function readGrpc(config: Part, notes: Notes): boolean {
  return !isLeftOpen(config, notes) && flag(member(config, "Enabled"), false, notes);
}

/** Null where the behavior uses policies instead. */
function readForwardedHeaders(forwarded: Part, notes: Notes): readonly string[] | null {
  if (isLeftOpen(forwarded, notes) || !isObject(forwarded.value)) return null;
  const headers = texts(member(forwarded, "Headers"), 100, notes);
  // One that is open may be Host.
  notes.open.push(...headers.flatMap(expressionsIn));
  return headers;
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_AllowedMethods.html: GET and HEAD unless told otherwise. */
function readMethods(part: Part, notes: Notes): Pick<CacheBehavior, "allowedMethods" | "cachedMethods"> {
  const least = ["GET", "HEAD"];
  // Whether a method fails over decides no connection, so that what is open about methods is nobody's.
  const own = notesOnPart(notes);
  const orLeast = (methods: string[]) => sharedList(methods.length > 0 ? methods : least);
  return {
    allowedMethods: orLeast(texts(part, 10, own)),
    cachedMethods: orLeast(texts(member(part, "CachedMethods"), 10, own)),
  };
}

function readAllFunctions(part: Part, notes: Notes): readonly EdgeFunction[] {
  const functions = [
    ...readFunctions(part, "FunctionAssociations", "FunctionARN", "cloudfront-functions", notes),
    ...readFunctions(part, "LambdaFunctionAssociations", "LambdaFunctionARN", "lambda-at-edge", notes),
  ];
  return functions.length === 0 ? nothing : functions;
}

const nothing: readonly never[] = [];

function readFunctions(
  behavior: Part,
  list: string,
  arnName: string,
  runtime: EdgeFunction["runtime"],
  notes: Notes,
): EdgeFunction[] {
  return entries(member(behavior, list), 10, notes).flatMap((entry) => {
    if (isLeftOpen(entry, notes)) return [];
    const arn = text(member(entry, arnName), notes);
    const eventType = text(member(entry, "EventType"), notes);
    if (arn !== null && eventType !== null) return { arn, eventType, runtime };
    notes.problems.push(`${mismatch(entry, `an association with ${arnName} and EventType`)}; left out`);
    return [];
  });
}
