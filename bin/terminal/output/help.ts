/** What `origin-watch` alone says. */
export const overview = `origin-watch: would CloudFront answer 502?

Usage
  origin-watch COMMAND SOURCE [options]
  In a clone of the project: npm run -s origin-watch -- COMMAND SOURCE [options]

Commands
  check       what is wrong with each origin, what to do, and the command that shows it
  explain     everything that is known of one origin, for a ticket
  watch       check again and again, and say only what is different
  what-if     what a change of the configuration would break or heal, without making it

Sources
  account                 every distribution of the signed-in account
  config FILE             saved output of the AWS CLI
  template FILE           a CloudFormation template, or a folder of them such as cdk.out, before it is deployed
  origin HOST[:PORT]      one origin

origin-watch COMMAND --help shows the options of a command.

Examples
  origin-watch check account                                   what is broken, for whom, and how to mend it
  origin-watch check account --sort expiry                     which certificate ends next
  origin-watch explain account --origin api.example.com        why: all that is known of one origin
  origin-watch check origin api.example.com                    is it mended
  origin-watch what-if account --protocols TLSv1.2             would TLS 1.2 as the minimum break anything
`;

/** Where what is to be checked comes from, and how: the same for every command. */
const common = `For origin
  --protocols LIST      OriginSslProtocols, separated by commas (default TLSv1.2)
  --host NAME           a viewer Host that CloudFront forwards; repeatable

For account
  --profile NAME        a profile of the AWS CLI's configuration

For config
  --policies FILE       saved output of \`aws cloudfront list-cache-policies\` and \`list-origin-request-policies\`
                        (either, or both in a JSON list)

For template
  --parameter NAME=VALUE  a value for a parameter of the template, or for AWS::Region and the like; repeatable

For all
  --json                one JSON object a line
  --ca FILE             trust the PEM certificates in FILE besides Mozilla's list
  --dns-server IP[:PORT]  ask this DNS server; repeatable
  --allow-private       dial private and loopback addresses too
  --connect-to IP       dial this address instead of asking DNS
  --concurrency N       connections at once (default 50)
  --timeout SECONDS     one TCP attempt and one handshake of at most SECONDS each, instead of the distribution's
                        ConnectionTimeout and ConnectionAttempts
  --now TIME            judge as of this ISO time
`;

export const explainHelp = `origin-watch explain: everything that is known of one origin

Usage
  origin-watch explain origin HOST[:PORT]         one origin
  origin-watch explain SOURCE --origin DOMAIN     an origin of an account, of a saved configuration or of a template
  In a clone of the project: npm run -s origin-watch -- explain origin HOST[:PORT]

For explain
  --origin DOMAIN       origins with this domain name
  --as NAME             only with this server name, where the viewer's Host is forwarded

Shown are what CloudFront offers, what DNS says, for each address every connection that was made and why, the certificates
as a tree, and which rules looked. With --json the observation comes with the record.

${common}
Exit status
  as for check

Examples
  origin-watch explain origin api.example.com --host www.example.com
  origin-watch explain account --origin api.example.com
`;

export const watchHelp = `origin-watch watch: say only what changes

Usage
  origin-watch watch SOURCE [options]             SOURCE is account, config FILE, template FILE or origin HOST[:PORT]
  In a clone of the project: npm run -s origin-watch -- watch SOURCE

For watch
  --interval SECONDS    between two rounds (default 60, at least 5)
  --for SECONDS         end after so long
  --until healthy       end when everything is

The configuration is read once; names are asked for in each round. Verdicts, findings, addresses and certificates are
compared with the round before.

${common}
Exit status
  as for check, by the last round

Examples
  origin-watch watch origin api.example.com --interval 10 --until healthy
`;

export const whatIfHelp = `origin-watch what-if: what would a change of the configuration break?

Usage
  origin-watch what-if SOURCE CHANGE [options]    SOURCE is account, config FILE, template FILE or origin HOST[:PORT]
  In a clone of the project: npm run -s origin-watch -- what-if SOURCE CHANGE

The change, one or several
  --protocols LIST      OriginSslProtocols of all custom origins (for origin: in place of TLSv1,TLSv1.1,TLSv1.2)
  --forward-host        send the viewer's Host to the origin
  --no-forward-host     do not
  --https-only          speak HTTPS to origins that are http-only or match-viewer
  --domain NEW          move an origin there; with --origin OLD

To what it is restricted
  --origin DOMAIN       origins with this domain name
  --distribution ID     one distribution

Nothing is changed in AWS. What breaks, what heals and what cannot be told is shown, and nothing else.

${common.replace(/^ {2}--protocols .*\n/m, "")}
Exit status
  0 nothing breaks   1 something breaks   2 wrong usage or unreadable input
  3 nothing breaks, but something would be at risk or cannot be told   130 interrupted

Examples
  origin-watch what-if account --protocols TLSv1.2
  origin-watch what-if config distributions.json --origin old.example.com --domain new.example.com
`;

export const checkHelp = `origin-watch check: would CloudFront answer 502?

Usage
  origin-watch check account                      every distribution of the signed-in account
  origin-watch check config FILE                  saved output of \`aws cloudfront list-distributions\`, \`get-distribution\`
                                                  or \`get-distribution-config\` (- for standard input; no AWS call)
  origin-watch check template FILE                a CloudFormation template, or a folder of them such as cdk.out,
                                                  before it is deployed (- for standard input; no AWS call)
  origin-watch check origin HOST[:PORT]           one origin
  In a clone of the project: npm run -s check -- account, and so on

For check
  --quiet, -q           only what is not in order, and nothing when all is
  --sort expiry         the certificate that ends first comes first
  --junit FILE          write the result as JUnit XML, for a pipeline
  --report FILE.html    write the result as one HTML file, for people

${common}
Exit status
  0 all healthy or skipped   1 something failing   2 wrong usage or unreadable input
  3 nothing failing, something at risk or unknown, or a part of the input that could not be read
  130 interrupted: what was known by then is shown

Examples
  origin-watch check origin api.example.com --host www.example.com
  origin-watch check account --profile production --sort expiry
  origin-watch check template cdk.out --quiet --junit origin-watch.xml
  aws cloudfront list-distributions | origin-watch check config -
`;
