import * as v from "valibot";

/** What a viewer of the widget looks at. */
export type WidgetPage = { readonly kind: "overview" };

export function readWidgetPage(_event: unknown): WidgetPage {
  return { kind: "overview" };
}

/** Whether CloudWatch asks what the widget is, and not for the widget. */
export function asksForDescription(event: unknown): boolean {
  return v.is(v.object({ describe: v.literal(true) }), event);
}
