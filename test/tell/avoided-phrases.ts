/**
 * Phrases that no message uses, after the glossary of the project: each is a sense and not a bare word, as "server" may
 * name a server. Idioms, words of our own making, and words that blame.
 */
export const phrasesToAvoid: readonly RegExp[] = [
  // For fixed, expires and immediately.
  /\bmend(?:s|ed)?\b/i,
  /\bheals?\b/i,
  /\brepair(?:s|ed)?\b/i,
  /\bcertificates? (?:that )?ends?\b/i,
  /\bends? (?:in|on|next|first)\b/i,
  /\bat once\b/i,
  /\b(?:is|are|called) over\b/i,
  // For alert, message and reminder.
  /\btold (?:again|before|anew|since|at)\b/i,
  /\blast told\b/i,
  /\bthe news\b/i,
  // For check, connect and ClientHello.
  /\bfrom here\b/i,
  /\bdial(?:s|led)?\b/i,
  /\bhellos?\b/i,
  /\b(?:last )?look(?:ed)? at\b/i,
  /\basked for with\b/i,
  /\basked after\b/i,
  /\bspeaks?\b/i,
  // For not checked and unknown.
  /\bcannot be told\b/i,
  /\bnothing can be said\b/i,
  /\bcannot tell\b/i,
  // For affected and viewers.
  /\bwho is hit\b/i,
  /\bare hit\b/i,
  /\busers?\b/i,
  // For seen in 2 runs; "confirmed" is what CloudFront itself answers.
  /\bconfirmed\b(?!: CloudFront itself answered| by CloudFront)/i,
  /\bfleeting\b/i,
  // For incomplete run and problem.
  /\bhamper(?:s|ed)?\b/i,
  /\btrouble\b/i,
  /\bchecked and in order\b/i,
  // For CA and CA list; Windows has a store of that name.
  /(?<!Certification )\bauthorit(?:y|ies)\b/i,
  /\bMozilla's list\b/i,
  // For expected and found, and verify.
  /^Seen:/m,
  /\bsee it yourself\b/i,
  /\bprove it\b/i,
  // For mute and muted until.
  /\bkeep (?:this|it) quiet\b/i,
  /\bsilence\b/i,
  // For origin and address; S3 and AWS's settings have names of their own.
  /\bback-?ends?\b/i,
  /\bIP\b(?! address type)/,
  /(?<!\b(?:bucket|website|REST) )\bendpoints?\b(?! that supports HTTPS)/i,
  // For distribution, behavior, secondary origin, tenant, edge location and cache miss.
  /\bCDN\b|\bCF\b/,
  /\bpath rules?\b/i,
  /\bbackup origins?\b/i,
  /\bcustomers?\b/i,
  /\bPOPs?\b|(?<!x-)\bedges?\b(?! (?:location|function))/i,
  /\bvisitors?\b/i,
  /\buncached\b|\bcache hits?\b/i,
  // For check; findings.md has the name of a code that begins so.
  /(?<!#)\bprob(?:e|es|ed|ing)\b|\bscan(?:s|ned)?\b/i,
  // For key exchange group; a key may be on a curve.
  /\bnamed groups?\b/i,
  // For the verdicts: failing, at risk, unknown.
  /\b(?:is|are|was|were|went|goes) (?:down|dark|dead|broken|critical)\b/i,
  /\b50[24] RISK\b/,
  /\bblind spots?\b|\bunclear\b|\bcannot be seen\b/i,
  /\bthresholds?\b/i,
  // For fixed and closed.
  /\b(?:is|are|was|were) (?:resolved|gone)\b/i,
  // For alert, weekly summary, many origins together, run and account.
  /\bnotices?\b|\bnotif(?:y|ied|ications?)\b/i,
  /\b(?:weekly|daily) digests?\b|\bstorms?\b/i,
  /\bsnooz|\bvantage\b|\bwidgets?\b/i,
  // What the evidence does not allow: caches, failover and error pages may hide what cache misses get.
  /\bviewers get 50[24]\b|\bprobably\b/i,
  // Blame, and idioms; AWS, OpenSSL and HTTP have the words in quotations.
  /\b(?:bad|wrong)\b(?! (?:order|version number|Request))/i,
  /\bdefects?\b|\bmistakes?\b/i,
  /\bmakes no sense\b/i,
  /\bforgot(?:ten)?\b/i,
  /\bcomes and goes\b/i,
  /\bat the latest\b/i,
  /\bas it should be\b/i,
  /\bmay fare\b/i,
  /\bchokes?\b/i,
  // Contractions.
  /\b(?:don|won|can|isn|doesn|couldn)'t\b/i,
  // No time is written as programs write it.
  /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/,
];
