import * as v from "valibot";
import type { Theme } from "./widget-style.ts";

/** Where the console shows the widget. */
export type WidgetPlace = {
  readonly theme: Theme;
  /** Pixels. */
  readonly width: number;
};

/** Where the console does not say, or says what makes no sense. */
const usual: WidgetPlace = { theme: "light", width: 1_200 };

/**
 * Reads the event of a custom widget (CloudWatch User Guide, "Details about custom widgets in CloudWatch"). Whoever may
 * invoke the function may send anything, so nothing is believed and nothing is an error.
 */
export function readWidgetPlace(event: unknown): WidgetPlace {
  return v.parse(call, event).widgetContext;
}

const call = v.fallback(
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
