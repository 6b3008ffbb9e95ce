/** Stands for every secret in the box: what is nowhere in an output, wherever it came from. */
export const SECRET_MARKER = "SECRET-MARKER-7f3a";
