const scheme = /[a-z][a-z0-9+.-]{0,30}:\/\//gi;
/** No reader makes a link of an S3 URI. */
const isObject = /^\(?s3:\/\/[^:]*[:.]?$/;

/**
 * A text for a reader that turns addresses into links, as mail programs do. Every address except our own loses its
 * scheme, so that a certificate, for example, cannot put a link into a message from a trusted sender.
 *
 * @param own addresses that may stay, each as a word of its own
 * @returns at most as many characters as before
 */
export function withoutLinks(text: string, own: ReadonlySet<string> = new Set()): string {
  return text.replaceAll(/\S+/g, (word) => {
    if (!word.includes("://") || isObject.test(word) || own.has(word.replace(/^\(|[).,;:]{1,3}$/g, ""))) return word;
    // Removing something may have joined the rest into an address.
    return word.replaceAll(scheme, "").replaceAll(/:\/{2,}/g, ":/");
  });
}
