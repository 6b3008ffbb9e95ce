/** What was expected and what was seen, for people; each rule chooses its own names. */
export type Evidence = { readonly [name: string]: Json };
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
