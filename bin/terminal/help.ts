export const help = `origin-watch check: would CloudFront answer 502?

Usage
  npm run -s check -- account                     every distribution of the signed-in account
  npm run -s check -- config FILE                 saved output of \`aws cloudfront list-distributions\`, \`get-distribution\`
                                                  or \`get-distribution-config\` (- for standard input; no AWS call)
  npm run -s check -- template FILE               a CloudFormation template, for example from cdk.out, before it
                                                  is deployed (- for standard input; no AWS call)
  npm run -s check -- origin HOST[:PORT]          one origin

For origin
  --protocols LIST      OriginSslProtocols, separated by commas (default TLSv1.2)
  --host NAME           a viewer Host that CloudFront forwards; repeatable

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

Exit status
  0 all healthy or skipped   1 something failing   2 wrong usage or unreadable input
  3 nothing failing, something at risk or unknown, or a part of the input that could not be read

Examples
  npm run -s check -- origin api.example.com --host www.example.com
  aws cloudfront list-distributions | npm run -s check -- config -
`;
