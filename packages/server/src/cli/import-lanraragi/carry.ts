import { type Move, step } from "./move.ts";
import { carriedSettings } from "./settings.ts";
import type { LanraragiPlugin } from "./types.ts";

/** What a plugin that is only planned would be given: its settings are known when it is here. */
const planSettings = (move: Move, { namespace, named, positional }: LanraragiPlugin): void => {
  const names = Object.keys(named);
  const older = positional.length > 0 ? [`${positional.length} of the older style, by their places`] : [];
  const note = [...names, ...older].join(", ");
  if (note !== "") move.tell("settings", namespace, "planned", note);
};

/** Sets a plugin's settings. Their values are never shown. */
const moveSettings = async (move: Move, plugin: LanraragiPlugin): Promise<void> => {
  const { namespace } = plugin;
  const here = move.installed.get(namespace);
  if (here === undefined) return planSettings(move, plugin);
  const params = { namespace };
  const { settings } = await move.client.getSettings({ params });
  const { values, refused } = carriedSettings(plugin, here, settings);
  const note = Object.keys(values).join(", ");
  if (note !== "") {
    await step(move, { what: "settings", name: namespace, note }, () =>
      move.client.putSettings({ params, body: values }),
    );
  }
  for (const reason of refused) move.tell("settings", namespace, "not done", reason);
};

const moveFlags = async (move: Move, { namespace, flags }: LanraragiPlugin): Promise<void> => {
  const here = move.installed.get(namespace);
  if (here !== undefined && here.type !== "metadata") return;
  const now = here ?? { enabled: false, hidden: false, priority: 0 };
  const differ = (["enabled", "hidden", "priority"] as const).filter(
    (name) => flags[name] !== undefined && flags[name] !== now[name],
  );
  if (differ.length === 0) return;
  const note = differ.map((name) => `${name} ${flags[name]}`).join(", ");
  const body = Object.fromEntries(differ.map((name) => [name, flags[name]]));
  await step(move, { what: "flags", name: namespace, note }, () =>
    move.client.configurePlugin({ params: { namespace }, body }),
  );
};

/** Takes over how the plugins that are here, or would be, are set. Settings come first: a plugin is not let loose without them. */
export const carryOver = async (move: Move): Promise<void> => {
  for (const plugin of move.foreign.plugins) {
    if (!move.installed.has(plugin.namespace) && !move.planned.has(plugin.namespace)) continue;
    await moveSettings(move, plugin);
    await moveFlags(move, plugin);
  }
};
