import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import type { Plugin } from "vite";

const PREFIX = "virtual:texts/";
const folder = path.resolve(import.meta.dirname, "../src/texts");

/** The texts of a language in all its files, by their ids. */
export const readTexts = (language: string): Record<string, string> =>
  Object.assign(
    {},
    ...readdirSync(path.join(folder, language))
      .filter((file) => file.endsWith(".json"))
      .sort()
      .map((file) => JSON.parse(readFileSync(path.join(folder, language, file), "utf8")) as object),
  );

/** Makes a module of a language's texts, compiled as Lingui needs them: the page carries no parser of ICU messages. */
export const compiledTexts = (): Plugin => ({
  name: "compiled-texts",
  resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
  load(id) {
    if (!id.startsWith(`\0${PREFIX}`)) return undefined;
    const language = id.slice(PREFIX.length + 1);
    for (const file of readdirSync(path.join(folder, language)))
      this.addWatchFile(path.join(folder, language, file));
    const compiled = Object.fromEntries(
      Object.entries(readTexts(language)).map(([name, text]) => [name, compileMessage(text)]),
    );
    return `export default ${JSON.stringify(compiled)}`;
  },
});
