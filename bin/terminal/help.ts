/** What `origin-watch` alone says. */
export const overview = `origin-watch: would CloudFront answer 502?

Usage
  origin-watch COMMAND SOURCE [options]           in a clone of the project: npm run -s COMMAND -- SOURCE [options]

Commands
  check       what is wrong with each origin, what to do, and the command that shows it

Sources
  account                 every distribution of the signed-in account
  config FILE             saved output of the AWS CLI
  template FILE           a CloudFormation template, before it is deployed
  origin HOST[:PORT]      one origin

origin-watch COMMAND --help shows the options of a command.
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

export const checkHelp = `origin-watch check: would CloudFront answer 502?

Usage
  origin-watch check account                      every distribution of the signed-in account
  origin-watch check config FILE                  saved output of \`aws cloudfront list-distributions\`, \`get-distribution\`
                                                  or \`get-distribution-config\` (- for standard input; no AWS call)
  origin-watch check template FILE                a CloudFormation template, for example from cdk.out, before it
                                                  is deployed (- for standard input; no AWS call)
  origin-watch check origin HOST[:PORT]           one origin
  In a clone of the project: npm run -s check -- account, and so on

For check
  --quiet, -q           only what is not in order, and nothing when all is
  --sort expiry         the certificate that ends first comes first
  --junit FILE          write the result as JUnit XML, for a pipeline

${common}
Exit status
  0 all healthy or skipped   1 something failing   2 wrong usage or unreadable input
  3 nothing failing, something at risk or unknown, or a part of the input that could not be read
  130 interrupted: what was known by then is shown

Examples
  origin-watch check origin api.example.com --host www.example.com
  origin-watch check account --profile production --sort expiry
  aws cloudfront list-distributions | origin-watch check config -
`;
