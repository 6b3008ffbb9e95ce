import { CfnQueryDefinition, type LogGroup } from "aws-cdk-lib/aws-logs";
import { Aws } from "aws-cdk-lib/core";
import { Construct } from "constructs";

/** A question to the log of the function, in the language of CloudWatch Logs Insights. */
export type SavedQuery = {
  readonly name: string;
  /** Its commands, each of which gets a line. A test runs them over the log of the account in a box. */
  readonly lines: readonly string[];
};

/**
 * The fields by which the queries find events. CloudWatch Logs keeps an index of their values, so that a query reads
 * only what it needs: the records of origins are a fraction of those of connections.
 */
export const indexedFields: readonly string[] = ["message", "origin", "status", "level"];

/** The verdict on each origin in the last run of the time range, the worst first. */
export const latestVerdicts: SavedQuery = {
  name: "Latest verdict of each origin",
  lines: [
    'filter message = "origin"',
    "stats latest(rank) as place, latest(verdict) as result, latest(code) as finding, latest(title) as what, latest(distributionIds) as usedBy, latest(timestamp) as seenAt by origin",
    "sort place asc",
    "limit 1000",
  ],
};

/** What is open at the end of the time range: an incident is in the log of every run, and once more when it is over. */
export const openIncidents: SavedQuery = {
  name: "Open incidents",
  lines: [
    'filter message = "incident"',
    "stats latest(status) as state, latest(effect) as answer, latest(title) as what, latest(openedAt) as since, latest(tellings) as told, latest(distributionIds) as usedBy by origin, code, key",
    'filter state in ["opened", "worsened", "eased", "open"]',
    // Numbers come last in the language's order, and `may` is none.
    "sort answer desc",
    "limit 1000",
  ],
};

/** What kept runs from doing all that they should. */
export const incompleteRuns: SavedQuery = {
  name: "Hampered runs",
  lines: [
    'filter message = "run" and level = "WARN"',
    "fields @timestamp, trouble",
    "sort @timestamp desc",
    "limit 100",
  ],
};

/** Placeholders for what a person must fill in before a query says anything. */
export const distributionPlaceholder = "DISTRIBUTION_ID";
export const originPlaceholder = "ORIGIN:443";

export const savedQueries: readonly SavedQuery[] = [
  latestVerdicts,
  openIncidents,
  {
    name: "Everything about one distribution",
    lines: [
      `# Put the id of your distribution in the place of ${distributionPlaceholder}.`,
      'filter message in ["connection", "origin", "incident"]',
      `filter distributionIds like "${distributionPlaceholder}"`,
      "fields @timestamp, message, coalesce(verdict, status) as result, origin, connection.serverName, coalesce(code, findings.0.code) as finding, coalesce(title, findings.0.title) as what",
      "sort @timestamp desc",
      "limit 1000",
    ],
  },
  {
    name: "History of one origin",
    lines: [
      `# Put your origin, with its port, in the place of ${originPlaceholder}.`,
      `filter origin = "${originPlaceholder}"`,
      'filter message in ["origin", "incident"]',
      "fields @timestamp, message, coalesce(verdict, status) as result, code, title, ms, notAfter",
      "sort @timestamp desc",
      "limit 1000",
    ],
  },
  {
    name: "Certificates by expiry",
    lines: [
      'filter message = "origin" and ispresent(notAfter)',
      "stats latest(notAfter) as expires, latest(daysLeft) as days, latest(certificate) as subject, latest(issuer) as issuedBy, latest(timestamp) as seenAt by origin",
      "sort expires asc",
      "limit 1000",
    ],
  },
  {
    name: "Changes in 7 days",
    lines: [
      "# Choose the last 7 days as the time range.",
      'filter message = "incident" and status in ["opened", "worsened", "eased", "resolved", "gone"]',
      "fields @timestamp, status, origin, code, title, distributionIds",
      "sort @timestamp desc",
      "limit 1000",
    ],
  },
  {
    name: "Slowest origins",
    lines: [
      'filter message = "origin" and ispresent(ms)',
      "stats max(ms) as slowest, pct(ms, 50) as median, count(*) as runs by origin",
      "sort slowest desc",
      "limit 50",
    ],
  },
  incompleteRuns,
];

/** The text of a query as CloudWatch takes it. */
export function queryText({ lines }: SavedQuery): string {
  return lines.map((line, index) => (index === 0 || lines[index - 1]?.startsWith("#") ? line : `| ${line}`)).join("\n");
}

export type SavedQueriesProps = { readonly logGroup: LogGroup };

/** The queries, in the console's list of saved queries under the name of the stack. They cost nothing until they are run. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, { logGroup }: SavedQueriesProps) {
    super(scope, id);
    for (const query of savedQueries) {
      new CfnQueryDefinition(this, query.name.replaceAll(/\W/g, ""), {
        name: `${Aws.STACK_NAME}/${query.name}`,
        queryString: queryText(query),
        logGroupNames: [logGroup.logGroupName],
      });
    }
  }
}
