import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const tokens = readFileSync(path.resolve(import.meta.dirname, "../src/design/tokens.css"), "utf8");

/** The relative luminance of a colour such as #5a45b8 (WCAG 2.2). */
const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

test.each(["accent", "accent-hover"])("white words on --%s can be read in both themes", (name) => {
  const [, light = "", dark = ""] =
    new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(tokens) ?? [];
  for (const colour of [light, dark]) {
    expect(colour).toMatch(/^#\w{6}$/);
    expect(1.05 / (luminance(colour) + 0.05), colour).toBeGreaterThanOrEqual(4.5);
  }
});
