import { expect, test } from "vitest";
import { noticeOnFault } from "../../lambda/pages/notice-on-fault.ts";

test("shows a notice in the place of a fault of ours, and logs the fault", async () => {
  const logged: unknown[] = [];
  const fault = new RangeError("Maximum call stack size exceeded");
  const html = await noticeOnFault(
    () => Promise.reject(fault),
    place,
    (thrown) => logged.push(thrown),
  );
  expect(logged).toEqual([fault]);
  expect(html).toContain("a fault of Origin Watch");
  expect(html).not.toContain("call stack");
  expect(await noticeOnFault(async () => "<p>the board", place, fail)).toBe("<p>the board");
});

const place = { theme: "light", width: 600 } as const;

function fail(): never {
  throw new Error("something was logged");
}
