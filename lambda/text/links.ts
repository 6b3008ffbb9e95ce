const scheme = /[a-z][a-z0-9+.-]{0,30}:\/\//gi;
/** Of an object in S3 nobody makes a link. */
const isObject = /^\(?s3:\/\/[^:]*[:.]?$/;

/**
 * A text for a reader that makes a link of whatever looks like one, as mail programs do: every address but one's own
 * loses its scheme, so that a certificate, say, cannot put a link into a message from a trusted sender.
 *
 * @param own addresses that may stay, each as a word of its own
 * @returns at most as many characters as before
 */
export function withoutLinks(text: string, own: ReadonlySet<string> = new Set()): string {
  return text.replaceAll(/\S+/g, (word) => {
    if (!word.includes("://") || isObject.test(word) || own.has(word.replace(/^\(|[).,;:]{1,3}$/g, ""))) return word;
    // What is left may have been put together again by taking something out.
    return word.replaceAll(scheme, "").replaceAll(/:\/{2,}/g, ":/");
  });
}
