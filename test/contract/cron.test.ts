import { describe, expect, it } from "vitest";
import { readCron } from "../../lambda/contract/cron.ts";

const hours = (text: string) => {
  const cron = readCron(text);
  return cron.kind === "cron" ? cron.longestPauseSeconds / 3_600 : cron.problem;
};

describe("readCron", () => {
  it.each([
    ["* * * * ? *", 1 / 60],
    ["0/15 * * * ? *", 1 / 4],
    ["*/15 * * * ? *", 1 / 4],
    ["5,35 * * * ? *", 1 / 2],
    ["0 6 * * ? *", 24],
    ["0 6,18 * * ? *", 12],
    ["0 8-18 * * ? *", 14],
    ["0 22-2 * * ? *", 20],
    ["0/30 8-18 ? * MON-FRI *", 2 * 24 + 13.5],
    ["0 6 ? * 2-6 *", 72],
    ["0 6 ? * mon *", 7 * 24],
    ["0 6 ? * FRI-MON *", 4 * 24],
    ["0 6 ? * 1/2 *", 48],
    ["0 6 ? * L *", 7 * 24],
    ["0 6 ? * 6L *", 35 * 24],
    ["0 6 ? * FRI#1 *", 35 * 24],
    ["0 6 ? * 6#5 *", 119 * 24],
    ["0 6 1 * ? *", 31 * 24],
    ["0 6 1,15 * ? *", 17 * 24],
    ["0 6 L * ? *", 31 * 24],
    ["0 6 L-2 * ? *", 31 * 24],
    ["0 6 1W * ? *", 33 * 24],
    ["0 6 LW * ? *", 33 * 24],
    ["0 6 15W * ? *", 32 * 24],
    ["0 6 31 * ? *", 61 * 24],
    ["0 6 1 JAN,JUL ? *", 184 * 24],
    ["0 6 29 2 ? *", 1_461 * 24],
    ["0 6 * * ? 2027", 24],
    ["0 6 * * ? 2027-2030/2", 24],
  ])("%s leaves at most %d hours between two runs", (text, expected) => {
    expect(hours(text)).toBe(expected);
  });

  it.each([
    ["60 * * * ? *", 'expected minutes from 0 to 59, got "60"'],
    ["0-60 * * * ? *", 'expected minutes from 0 to 59, got "0-60"'],
    ["*/0 * * * ? *", 'expected minutes from 0 to 59, got "*/0"'],
    ["0/90 * * * ? *", 'expected minutes from 0 to 59, got "0/90"'],
    ["? * * * ? *", 'expected minutes from 0 to 59, got "?"'],
    ["-1 * * * ? *", 'expected minutes from 0 to 59, got "-1"'],
    ["0 24 * * ? *", 'expected hours from 0 to 23, got "24"'],
    ["0 6,25 * * ? *", 'expected hours from 0 to 23, got "6,25"'],
    ["0 6, * * ? *", 'expected hours from 0 to 23, got "6,"'],
    ["0 6 0 * ? *", 'expected days of the month from 1 to 31, got "0"'],
    ["0 6 32 * ? *", 'expected days of the month from 1 to 31, got "32"'],
    ["0 6 32W * ? *", 'expected days of the month from 1 to 31, got "32W"'],
    ["0 6 * 13 ? *", 'expected months from 1 to 12, got "13"'],
    ["0 6 * MAI ? *", 'expected months from 1 to 12, got "MAI"'],
    ["0 6 ? * 0 *", 'expected days of the week from 1 to 7, got "0"'],
    ["0 6 ? * 8 *", 'expected days of the week from 1 to 7, got "8"'],
    ["0 6 ? * 2#6 *", 'expected days of the week from 1 to 7, got "2#6"'],
    ["0 6 ? * JAN *", 'expected days of the week from 1 to 7, got "JAN"'],
    ["0 6 * * ? 1969", 'expected years from 1970 to 2199, got "1969"'],
    ["0 6 * * ? 2200", 'expected years from 1970 to 2199, got "2200"'],
    ["0 6 * * ?", "expected six fields, minutes, hours, days of the month"],
    ["0 6 * * ? * *", "expected six fields"],
    ["0 6 * * * *", "expected ? for the days of the month or of the week, and not for both"],
    ["0 6 ? * ? *", "expected ? for the days of the month or of the week, and not for both"],
    ["0 6 30 2 ? *", "expected a day that comes"],
  ])("refuses %s", (text, problem) => {
    expect(hours(text)).toEqual(expect.stringContaining(problem));
  });
});
