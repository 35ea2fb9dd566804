import type { Plugin } from "vite";

/** Mantine's colours that no component of the page has. The page's own colours are in src/design/tokens.css. */
const UNUSED = /^\s*--mantine-color-(pink|grape|indigo|blue|cyan|teal|green|lime|yellow|orange)-[^;]*;$/gm;

/** Leaves Mantine's variables of colours out that nothing uses: a third of all styles. */
export const usedColours = (): Plugin => ({
  name: "used-colours",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith("/default-css-variables.css")
      ? code.replace(UNUSED, "").replaceAll("--mantine-color-blue-", "--mantine-color-violet-")
      : undefined,
});
