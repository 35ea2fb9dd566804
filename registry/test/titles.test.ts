import { expect, test } from "vitest";
import { mostAlike, numberIn, searchTitle, similarity, wantedTitle } from "../shared/titles.ts";

test.each([
  ["[Group] Night_Walks v03 (2020) [Digital]", "Night Walks", "3"],
  ["Night Walks #003.5", "Night Walks", "3.5"],
  ["Night Walks - Chapter 12", "Night Walks", "12"],
  ["(C99) [Circle (Author)] Night Walks [English]", "Night Walks", undefined],
  ["夜の散歩 第０３巻", "夜の散歩", "3"],
  ["夜の散歩３【完】", "夜の散歩3", undefined],
  ["1984", "1984", "1984"],
  ["[only brackets]", "[only brackets]", undefined],
])("%s is searched for as %s, with the number %s", (title, searched, number) => {
  expect([searchTitle(title), numberIn(title)]).toEqual([searched, number]);
});

test("a title that the user gives is taken as it is", () => {
  expect(wantedTitle({ arg: " Area 51 ", archive: { title: "x" } })).toBe("Area 51");
  expect(wantedTitle({ arg: "", archive: { title: "Area 51" } })).toBe("Area");
});

test("titles that differ in case, accents and punctuation are the same, and others are less alike", () => {
  expect(similarity("Café: Noir!", "cafe noir")).toBe(1);
  expect(similarity("Night Walks", "Night Walkers")).toBeLessThan(1);
  expect(similarity("", "")).toBe(0);
  expect(similarity("夜の散歩", "夜の散歩")).toBe(1);
});

test("the most alike candidate is found, the first of equals, and none where no one is alike", () => {
  const candidates = [["Night Walkers"], ["Other", "night walks"], ["Night Walks"]];
  expect(mostAlike("Night Walks", candidates, (one) => one)).toBe(candidates[1]);
  expect(mostAlike("Day Swims", candidates, (one) => one)).toBeUndefined();
});
