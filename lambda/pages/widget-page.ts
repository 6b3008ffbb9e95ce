import * as v from "valibot";

/** What a viewer of the widget looks at. */
export type WidgetPage =
  | { readonly kind: "overview" }
  /** Rows that had no room in the overview. */
  | { readonly kind: "more"; readonly from: number }
  /** What is healthy or skipped. */
  | { readonly kind: "healthy"; readonly from: number }
  | { readonly kind: "origin"; readonly domain: string; readonly port: number };

/**
 * Reads which page is asked for. The parameters come back from the browser, where anybody may have changed them; what
 * cannot be understood is a wish for the overview.
 */
export function readWidgetPage(event: unknown): WidgetPage {
  const parsed = v.safeParse(parameters, event);
  if (!parsed.success) return { kind: "overview" };
  const asked = parsed.output;
  switch (asked.page) {
    case "more":
    case "healthy":
      return { kind: asked.page, from: asked.from };
    case "origin":
      return { kind: asked.page, domain: asked.domain, port: asked.port };
  }
}

/** Whether CloudWatch asks what the widget is, and not for the widget. */
export function asksForDescription(event: unknown): boolean {
  return v.is(v.object({ describe: v.literal(true) }), event);
}

const from = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000));
const parameters = v.variant("page", [
  v.object({ page: v.literal("more"), from }),
  v.object({ page: v.literal("healthy"), from }),
  v.object({
    page: v.literal("origin"),
    domain: v.pipe(v.string(), v.maxLength(253)),
    port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  }),
]);

/** The parameters that lead to a page: `readWidgetPage` makes it of them again. */
export function parametersOf(page: WidgetPage): object {
  const { kind, ...rest } = page;
  return { page: kind, ...rest };
}
