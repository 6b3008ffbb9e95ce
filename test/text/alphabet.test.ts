import { expect, test } from "vitest";
import { alphabetically } from "../../lambda/text/alphabet.ts";

test("sorts as people do, and numbers by their value", () => {
  const sorted = ["api2.test:443", "API1.test:443", "api10.test:443", "a.test:443", "a.test:80"].toSorted(
    alphabetically,
  );
  expect(sorted).toEqual(["a.test:80", "a.test:443", "API1.test:443", "api2.test:443", "api10.test:443"]);
});
