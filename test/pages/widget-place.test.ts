import { expect, test } from "vitest";
import { readWidgetPlace } from "../../lambda/pages/widget-place.ts";

test("reads the theme and the width of the place, and nothing else", () => {
  const widgetContext = { theme: "dark", width: 588, height: 369, params: { theme: "light" } };
  expect(readWidgetPlace({ widgetContext, theme: "light" })).toEqual({ theme: "dark", width: 588 });
});

test("takes what is usual for what makes no sense, one by one", () => {
  const usual = { theme: "light", width: 1_200 };
  for (const event of [null, undefined, 1, "x", [], {}, { widgetContext: null }, { describe: 1 }]) {
    expect(readWidgetPlace(event)).toEqual(usual);
  }
  expect(readWidgetPlace({ widgetContext: { theme: "dark", width: "588" } })).toEqual({ ...usual, theme: "dark" });
  expect(readWidgetPlace({ widgetContext: { theme: "blue", width: 588 } })).toEqual({ ...usual, width: 588 });
  for (const width of [Number.NaN, -1, 0, 1e9, null]) {
    expect(readWidgetPlace({ widgetContext: { theme: "light", width } })).toEqual(usual);
  }
});
