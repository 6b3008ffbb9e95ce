import * as v from "valibot";

/** How the console calls a custom widget: for its documentation, or for what is to be shown in a place of that kind. */
export type WidgetCall = { readonly describe: true } | ({ readonly describe: false } & WidgetPlace);

export type WidgetPlace = { readonly theme: "light" | "dark"; readonly width: number };

/** Where the console does not say, or says what makes no sense. */
const usual: WidgetPlace = { theme: "light", width: 1_200 };

/**
 * Reads the event of a custom widget (CloudWatch User Guide, "Create a custom widget"). Whoever may invoke the function
 * may send anything, so nothing is believed and nothing is an error.
 */
export function readWidgetCall(event: unknown): WidgetCall {
  if (v.is(v.object({ describe: v.literal(true) }), event)) return { describe: true };
  const read = v.parse(place, event);
  return { describe: false, ...read.widgetContext };
}

const place = v.fallback(
  v.object({
    widgetContext: v.fallback(
      v.object({
        theme: v.fallback(v.picklist(["light", "dark"]), usual.theme),
        width: v.fallback(v.pipe(v.number(), v.minValue(100), v.maxValue(10_000)), usual.width),
      }),
      usual,
    ),
  }),
  { widgetContext: usual },
);
