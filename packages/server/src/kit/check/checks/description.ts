import type { Check, Fault } from "../types.ts";

/** Owners decide by the description whether they install a plugin. */
export const description: Check = {
  rule: "description",
  severity: "warning",
  run: ({ plugin, manifestSource }) => {
    if (!plugin) return [];
    const { description: text, parameters = {} } = plugin.manifest;
    const without = Object.entries(parameters).filter(([, { desc }]) => !desc?.trim());
    const faults: Fault[] = without.map(([name]) => ({
      ...manifestSource.placeOf(["parameters", name]),
      message: `The setting ${name} has no description, so its owner must guess what to enter.`,
      hint: "Add desc, one short sentence.",
    }));
    if (text.trim().length >= 10) return faults;
    const message = "The description says nothing of what the plugin does.";
    const hint = "Say in one sentence what it adds, and where it finds it.";
    return [{ ...manifestSource.placeOf(["description"]), message, hint }, ...faults];
  },
};
