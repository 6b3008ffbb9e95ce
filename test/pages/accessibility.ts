import type { Page } from "playwright-core";

/** What a screen reader is told of an element, from the browser itself. */
export type AccessibleNode = { readonly role: string; readonly name: string; readonly level: number | null };

type RawNode = {
  readonly ignored: boolean;
  readonly role?: { readonly value?: string };
  readonly name?: { readonly value?: string };
  readonly properties?: readonly { readonly name: string; readonly value: { readonly value?: unknown } }[];
};

/** All of them, in the order of the page. */
export async function accessibleNodes(page: Page): Promise<readonly AccessibleNode[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send("Accessibility.getFullAXTree")) as { readonly nodes: readonly RawNode[] };
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, properties }) => {
      const level = properties?.find((property) => property.name === "level")?.value.value;
      return {
        role: role?.value ?? "",
        name: (name?.value ?? "").trim(),
        level: typeof level === "number" ? level : null,
      };
    });
}

/** What a person can use or go to and would not know from its name. */
export function nameless(nodes: readonly AccessibleNode[]): readonly AccessibleNode[] {
  return nodes.filter(({ role, name }) => named.has(role) && name.trim() === "");
}

const named = new Set([
  "button",
  "columnheader",
  "DisclosureTriangle",
  "heading",
  "link",
  "radio",
  "region",
  "rowheader",
  "table",
]);

export function headingLevels(nodes: readonly AccessibleNode[]): readonly number[] {
  return nodes.flatMap(({ role, level }) => (role === "heading" && level !== null ? [level] : []));
}
