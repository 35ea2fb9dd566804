import type { ScriptPlugin } from "@hitagi/sdk";

/** A mistake that no compiler sees, and that shows as soon as the file is loaded. */
const answers: unknown = JSON.parse('{"works": tru}');

export default {
  namespace: "broken-on-purpose",
  type: "script",
  name: "Broken on purpose",
  version: "1.1.0",
  author: "Hitagi",
  description: "This version does not load. The one before it works.",
  run() {
    return { answers: JSON.stringify(answers) };
  },
} satisfies ScriptPlugin;
