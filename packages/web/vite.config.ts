import path from "node:path";
import { defineConfig } from "vite";
import { compiledTexts } from "./build/compiled-texts.ts";
import { licences } from "./build/licences.ts";
import { lightContract } from "./build/light-contract.ts";
import { usedColours } from "./build/used-colours.ts";

/** The page is written to the server's own dist folder, from which the server serves it and which is packed with it. */
export default defineConfig({
  root: import.meta.dirname,
  // Of this checkout, also where its node_modules is a link to that of another one: what is left out of the contract is known by its path.
  resolve: { alias: { "@hitagi/contract": path.resolve(import.meta.dirname, "../contract/src/index.ts") } },
  plugins: [compiledTexts(), lightContract(), usedColours(), licences()],
  // `npx vite` in this folder: the page of the sources with the calls of a server on this port.
  server: { proxy: { "/api": "http://127.0.0.1:3000", "/healthz": "http://127.0.0.1:3000" } },
  build: {
    outDir: path.resolve(import.meta.dirname, "../server/dist/web"),
    emptyOutDir: true,
    target: "es2023",
    // Without it, small images would be in the styles as data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Libraries mark modules for servers that render React; here everything runs in the browser.
    rolldownOptions: {
      // What makes a schema of the contract, and reads a part of one: the page needs its types only, so that those that nothing reads are
      // left out.
      treeshake: { manualPureFunctions: ["Type", "described", "Nullable"], propertyReadSideEffects: false },
      onwarn: (warning, warn) => void (warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning)),
    },
  },
  logLevel: "warn",
});
