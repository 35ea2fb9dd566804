import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import type { Plugin } from "vite";

const PREFIX = "virtual:texts/";
const folder = path.resolve(import.meta.dirname, "../src/texts");

/** The files whose texts Home shows. Those of all other places come with the first of them, in a module of their own. */
const FIRST = ["app.json", "history.json", "home.json", "permissions.json", "session.json"];

/**
 * The texts of a language, by their ids.
 * @param part `first` for those that Home shows, `places` for all others; by default all
 */
export const readTexts = (language: string, part?: "first" | "places"): Record<string, string> =>
  Object.assign(
    {},
    ...readdirSync(path.join(folder, language))
      .filter((file) => file.endsWith(".json"))
      .filter((file) => part === undefined || FIRST.includes(file) === (part === "first"))
      .sort()
      .map((file) => JSON.parse(readFileSync(path.join(folder, language, file), "utf8")) as object),
  );

/**
 * Makes modules of a language's texts, such as `virtual:texts/en` and `virtual:texts/places-en`, compiled as Lingui needs them: the page
 * carries no parser of ICU messages.
 */
export const compiledTexts = (): Plugin => ({
  name: "compiled-texts",
  resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
  load(id) {
    if (!id.startsWith(`\0${PREFIX}`)) return undefined;
    const name = id.slice(PREFIX.length + 1);
    const isPlaces = name.startsWith("places-");
    const language = name.replace("places-", "");
    for (const file of readdirSync(path.join(folder, language)))
      this.addWatchFile(path.join(folder, language, file));
    const compiled = Object.fromEntries(
      Object.entries(readTexts(language, isPlaces ? "places" : "first")).map(([textId, text]) => [
        textId,
        compileMessage(text),
      ]),
    );
    return `export default ${JSON.stringify(compiled)}`;
  },
});
