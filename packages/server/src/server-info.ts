import { version } from "./version.ts";

/** What this server is called and says of itself. */
export const serverInfo = {
  name: "Hitagi",
  motd: "A plugin registry and sandboxed plugin host.",
  version,
} as const;
