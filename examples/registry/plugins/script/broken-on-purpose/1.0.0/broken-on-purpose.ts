import type { ScriptPlugin } from "@hitagi/sdk";

export default {
  namespace: "broken-on-purpose",
  type: "script",
  name: "Broken on purpose",
  version: "1.0.0",
  author: "Hitagi",
  description: "This version works. The next one does not load, to show what happens then.",
  run() {
    return { works: true };
  },
} satisfies ScriptPlugin;
