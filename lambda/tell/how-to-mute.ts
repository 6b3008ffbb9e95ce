import { isDistributionId } from "../configuration/distribution-id.ts";
import { type Scope, scopeId } from "../configuration/scope.ts";
import { concernsAny } from "../incidents/audiences.ts";
import { type Draft, openDistributionsIn } from "../incidents/change.ts";
import type { DistributionIncident } from "../incidents/state.ts";
import type { RunReport } from "../report/record.ts";
import { hourMs, isoInstant } from "../text/instant.ts";
import type { MessageContext, Summary } from "./summary.ts";

const leastMuteMs = 4 * hourMs;
/** More accounts than this are not muted one by one. */
const mostAccounts = 3;

/**
 * How to mute what a message is about, for the end of it: the whole command, and the tag. Nothing is muted that is over, and
 * several origins are not muted in one line.
 */
export function howToMute(
  { event, notChecked, distributions, audience }: Draft,
  { fresh, still }: Summary,
  { finishedAt, records }: RunReport,
  context: MessageContext,
): readonly string[] {
  // A mute of a day holds to its end in UTC, which late in the evening would be no time to work in.
  const day = isoInstant(Date.parse(finishedAt) + leastMuteMs).slice(0, 10);
  if (distributions !== null) return ofDistribution(openDistributionsIn(distributions), day, context);
  const [only, ...others] = event === "unseen" ? notChecked : [...fresh, ...still];
  if (only === undefined || others.length > 0) return [];
  const { domain, port } = only;
  const uses = records
    .filter(({ connection }) => connection.domain === domain && connection.port === port)
    .flatMap((record) => record.uses);
  // Each account mutes its own.
  const isTheirs = concernsAny(audience);
  const scopes = uses.map(({ scope }) => scope).filter((scope) => isTheirs({ scopes: [scope] }));
  // What the command would refuse, and a shell read otherwise, is no name to put into one.
  const commands = isHost(domain) ? commandsFor(`--origin ${domain}`, scopes, context) : [];
  return [
    ...commands,
    ...(context.muteTags ? [`From a phone: tag every distribution listed here ${withTag(day)}`] : []),
  ];
}

function ofDistribution(
  [only, ...others]: readonly DistributionIncident[],
  day: string,
  context: MessageContext,
): readonly string[] {
  if (only === undefined || others.length > 0 || !isDistributionId(only.distributionId)) return [];
  const { distributionId: id, code, scope } = only;
  return [
    ...commandsFor(`--distribution ${id} --code ${code}`, [scope], context),
    ...(context.muteTags ? [`From a phone: tag ${id} ${withTag(day)}. This mutes all of it`] : []),
  ];
}

/** The command for each account that must mute it, where these are few. */
function commandsFor(selector: string, scopes: readonly Scope[], context: MessageContext): readonly string[] {
  const known = new Map(scopes.map((scope) => [scopeId(scope), scope.accountId]));
  const accounts = [...new Set(known.values())];
  if (accounts.length > mostAccounts) return [];
  return (accounts.length === 0 ? [null] : accounts).map((account) => {
    const other = account === null || account === context.scope.accountId ? "" : ` --account ${account}`;
    const command = `origin-watch mute ${selector}${other} --for 4h --reason TEXT${placeOf(context)}`;
    return `Mute for 4 hours${other === "" ? "" : ` in account ${account}`}: ${command}`;
  });
}

/** The Region, and the stack where it is not called as usual: the dashboard is named after it. */
function placeOf({ region, dashboard }: MessageContext): string {
  const isRegion = /^[a-z0-9-]{1,40}$/.test(region);
  const suffix = `-origins-${region}`;
  const stack = isRegion && dashboard?.endsWith(suffix) === true ? dashboard.slice(0, -suffix.length) : "";
  const isOther = /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(stack) && stack !== "OriginWatch";
  return `${isOther ? ` --stack ${stack}` : ""}${isRegion ? ` --region ${region}` : ""}`;
}

function isHost(domain: string): boolean {
  return /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(domain);
}

function withTag(day: string): string {
  return `with origin-watch:mute-until = ${day} (UTC, to the end of that day)`;
}
