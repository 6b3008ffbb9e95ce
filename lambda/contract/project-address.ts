/** Where the project is found, an https address; null as long as it has no public one. What links to it is left out then. */
export const projectAddress: string | null = null;
