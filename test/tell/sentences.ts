/**
 * The sentences of a text with more than 25 words. What is no word of ours is not counted: names, addresses, times and
 * numbers, texts of certificates, and everything in backticks or quotation marks.
 */
export function longSentences(text: string, most = 25): readonly string[] {
  return sentencesOf(text).filter((sentence) => wordsOf(sentence).length > most);
}

export function sentencesOf(text: string): readonly string[] {
  return text
    .replaceAll(/`[^`]*`|"[^"]*"/g, "N")
    .replaceAll(/\b[A-Z]+=[^,]*(?:, [A-Z]+=[^,. ]*(?: [A-Z][\w']*)*)*/g, "N")
    .split(/(?<=[.!?])\)?\s+|\n+|;\s/)
    .filter((sentence) => sentence.trim() !== "");
}

function wordsOf(sentence: string): readonly string[] {
  return sentence
    .split(/\s+/)
    .filter((word) => /^[("']?[A-Za-z][a-z'-]*[a-z][.,:)'"]*$|^[aAI]$/.test(word) && !/\.[a-z]/.test(word));
}
