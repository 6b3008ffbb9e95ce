import { expect, test } from "vitest";
import { readWidgetSettings } from "../../lambda/functions/status-board-settings.ts";

const environment = {
  STATE_BUCKET: "states",
  STATE_KEY: "state.json",
  BOARD_KEY: "board.json.gz",
  STALE_AFTER_MINUTES: "45",
};

test("reads what the stack sets", () => {
  expect(readWidgetSettings(environment)).toEqual({
    bucket: "states",
    stateKey: "state.json",
    boardKey: "board.json.gz",
    staleAfterMs: 45 * 60_000,
    muteFunctionArn: null,
  });
  const muteFunctionArn = "arn:aws:lambda:us-east-1:111122223333:function:mutes";
  expect(readWidgetSettings({ ...environment, MUTE_FUNCTION_ARN: muteFunctionArn })).toMatchObject({ muteFunctionArn });
});

test.each([
  ["STATE_BUCKET", "", "environment variable STATE_BUCKET is not set"],
  ["STATE_KEY", undefined, "environment variable STATE_KEY is not set"],
  ["BOARD_KEY", undefined, "environment variable BOARD_KEY is not set"],
  ["STALE_AFTER_MINUTES", undefined, "environment variable STALE_AFTER_MINUTES is not set"],
  ["STALE_AFTER_MINUTES", "soon", 'environment variable STALE_AFTER_MINUTES: expected minutes, got "soon"'],
  ["STALE_AFTER_MINUTES", "0", 'environment variable STALE_AFTER_MINUTES: expected minutes, got "0"'],
])("refuses %s as %j", (name, value, message) => {
  expect(() => readWidgetSettings({ ...environment, [name]: value })).toThrow(message);
});
