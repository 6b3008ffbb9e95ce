/**
 * `${…}` stands in a text for what only the deployment of a template settles: of a resource's attribute
 * `${Balancer.DNSName}`, of a parameter without a value `${Domain}`.
 */
export function placeholder(expression: string): string {
  return `\${${expression.replace(/[{}$]/g, "")}}`;
}

/** What the placeholders in a text stand for, each once. */
export function expressionsIn(text: string): readonly string[] {
  // Texts are read often, and nearly none holds a brace.
  if (!text.includes("${")) return [];
  return [...new Set([...text.matchAll(/\$\{([^{}]*)\}/g)].map(([, expression = ""]) => expression))];
}

export function isOpen(text: string): boolean {
  return expressionsIn(text).length > 0;
}
