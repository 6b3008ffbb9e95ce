import { expect, test } from "vitest";
import { readWidgetCall } from "../../lambda/board/widget-call.ts";

test("reads the theme and the width of the place, and nothing else", () => {
  const widgetContext = { theme: "dark", width: 588, height: 369, params: { theme: "light" } };
  expect(readWidgetCall({ widgetContext, theme: "light" })).toEqual({ describe: false, theme: "dark", width: 588 });
});

test("takes what is usual for what makes no sense, one by one", () => {
  const usual = { describe: false, theme: "light", width: 1_200 };
  for (const event of [null, undefined, 1, "x", [], {}, { widgetContext: null }, { describe: 1 }]) {
    expect(readWidgetCall(event)).toEqual(usual);
  }
  expect(readWidgetCall({ widgetContext: { theme: "dark", width: "588" } })).toEqual({ ...usual, theme: "dark" });
  expect(readWidgetCall({ widgetContext: { theme: "blue", width: 588 } })).toEqual({ ...usual, width: 588 });
  for (const width of [Number.NaN, -1, 0, 1e9, null]) {
    expect(readWidgetCall({ widgetContext: { theme: "light", width } })).toEqual(usual);
  }
});

test("tells a call for the documentation", () => {
  expect(readWidgetCall({ describe: true, widgetContext: { theme: "dark" } })).toEqual({ describe: true });
});
