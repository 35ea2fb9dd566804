import type { ScriptPlugin } from "@hitagi/sdk";

const parameters = {
  times: { type: "int", desc: "How often to say it", default_value: 1 },
} as const;

export default {
  namespace: "echo",
  type: "script",
  name: "Echo",
  version: "1.1.0",
  author: "Hitagi",
  description: "Answers its argument as often as is set, and which version of it answered.",
  oneshot_arg: "Any text",
  parameters,
  run(ctx) {
    const times = Math.max(1, Math.min(ctx.settings.times, 100));
    return { version: "1.1.0", echo: Array(times).fill(ctx.arg).join(" ") };
  },
} satisfies ScriptPlugin<typeof parameters>;
