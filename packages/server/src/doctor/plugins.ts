import { type Check, note } from "./types.ts";

/** Plugins of a running server that cannot run. Those in quarantine are counted by its health. */
export const checkPlugins: Check = async ({ server }) => {
  if (!server?.client) return [];
  const { plugins } = await server.client.listInstalled({});
  return plugins
    .filter(({ health: { state } }) => state === "broken" || state === "missing")
    .map(({ namespace, health: { state, reason } }) =>
      note(
        `plugin ${namespace}`,
        reason === undefined ? `It is ${state}` : `It is ${state}: ${reason}`,
        `\`hitagi verify\` compares its file with its record; install it again, or remove it with \`hitagi uninstall ${namespace}\`.`,
      ),
    );
};
