import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { errorsPage, settingsPage } from "../packages/server/dev/reference-docs.ts";

const root = path.resolve(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");

test("docs/errors.md and docs/configuration.md are what the tables say", () => {
  expect(read("docs/errors.md"), "run `npm run docs`").toBe(errorsPage());
  expect(read("docs/configuration.md"), "run `npm run docs`").toBe(settingsPage());
});

const pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
  readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => path.join("docs", file)),
);

test.each(pages)("every link to a file in %s leads somewhere", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(
    ([, link]) => link ?? "",
  );
  const missing = links.filter((link) => {
    try {
      readdirSync(path.dirname(path.resolve(root, path.dirname(page), link)));
      readFileSync(path.resolve(root, path.dirname(page), link));
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== "EISDIR";
    }
  });
  expect(missing).toEqual([]);
});
