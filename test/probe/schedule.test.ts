import { describe, expect, it } from "vitest";
import { gate } from "../../lambda/probe/schedule.ts";

function counted() {
  let active = 0;
  let most = 0;
  return {
    task: async () => {
      active += 1;
      most = Math.max(most, active);
      await new Promise((resolve) => setTimeout(resolve, 2));
      active -= 1;
    },
    most: () => most,
  };
}

describe("gate", () => {
  it("lets no more than the total run at once, and runs all", async () => {
    const enter = gate(3, 3);
    const { task, most } = counted();
    let done = 0;
    await Promise.all(Array.from({ length: 20 }, (_, index) => enter(`k${index}`, task).then(() => (done += 1))));
    expect([most(), done]).toEqual([3, 20]);
  });

  it("lets no more than the limit of one key run at once, and others pass meanwhile", async () => {
    const enter = gate(10, 2);
    const same = counted();
    const other = counted();
    await Promise.all([
      ...Array.from({ length: 8 }, () => enter("same", same.task)),
      ...Array.from({ length: 8 }, (_, index) => enter(`other ${index}`, other.task)),
    ]);
    expect(same.most()).toBe(2);
    expect(other.most()).toBeGreaterThan(2);
  });

  it("frees the place of a task that fails", async () => {
    const enter = gate(1, 1);
    await expect(enter("a", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    await expect(enter("a", () => Promise.resolve("next"))).resolves.toBe("next");
  });
});
