import type { ScriptPlugin } from "@hitagi/sdk";

export default {
  namespace: "echo",
  type: "script",
  name: "Echo",
  version: "1.0.0",
  author: "Hitagi",
  description: "Answers its argument, and which version of it answered.",
  oneshot_arg: "Any text",
  run(ctx) {
    return { version: "1.0.0", echo: ctx.arg };
  },
} satisfies ScriptPlugin;
