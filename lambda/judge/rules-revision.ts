/**
 * Counts the versions in which the rules make something else of the same observation: another effect, another code, or
 * nothing. Raise it with such a version: what is open then is told as changed by the rules, and not as fixed or worse.
 *
 * 2: effects of chain-out-of-order, certificate-path-ambiguous, s3-website-over-https and MD5; the warning window; chains
 * whose signatures do not match; addresses that give no answer.
 */
export const rulesRevision = 2;
