import type { LoginPlugin } from "@hitagi/sdk";

const parameters = {
  token: { type: "secret", desc: "The access token from your account's page" },
} as const;

/** `api.example.org` answers nobody: put the host of your site here to make a plugin of your own. */
export default {
  namespace: "token-login",
  type: "login",
  name: "Token login",
  version: "1.0.0",
  author: "Hitagi",
  description: "Sends an access token with the requests of the plugins that log in with it.",
  parameters,
  permissions: { net: ["api.example.org"] },
  login(ctx) {
    const { token } = ctx.settings;
    if (!token) throw new Error("Set the access token first.");
    return { headers: { Authorization: `Bearer ${token}` } };
  },
} satisfies LoginPlugin<typeof parameters>;
