// Stands above every part of the bundle: packages in CommonJS ask for modules of Node in their own way.
import { createRequire } from "node:module";

// biome-ignore lint/correctness/noUnusedVariables: the bundle uses it
const require = createRequire(import.meta.url); // oxlint-disable-line no-unused-vars -- the bundle uses it
