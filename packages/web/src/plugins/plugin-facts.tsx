import type { InstalledPlugin } from "@hitagi/contract";
import { useCall } from "../app/calls.ts";
import { Chip, type Tone } from "../design/chip.tsx";
import { useTexts } from "../texts/texts.ts";

const tones: Record<InstalledPlugin["health"]["state"], Tone> = {
  ok: "good",
  quarantined: "bad",
  missing: "bad",
  broken: "bad",
};

/** Whether a plugin can be called. */
export const HealthChip = ({ health: { state } }: Pick<InstalledPlugin, "health">) => {
  const { t } = useTexts();
  return <Chip tone={tones[state]}>{t(`plugins.health.${state}`)}</Chip>;
};

/** The names of registries by their ids. */
export const useRegistryNames = (): ((id: string | null) => string | undefined) => {
  const { data } = useCall("listRegistries", {});
  return (id) => data?.registries.find((registry) => registry.id === id)?.name;
};

/** Where a plugin is from: the name of its registry, a file, or the server itself. */
export const usePluginOrigin = (): ((plugin: Pick<InstalledPlugin, "origin" | "registry">) => string) => {
  const { t } = useTexts();
  const nameOf = useRegistryNames();
  return ({ origin, registry }) => {
    if (origin === "builtin") return t("plugins.fromServer");
    if (origin === "sideloaded") return t("plugins.fromFile");
    return nameOf(registry) ?? t("plugins.fromGone");
  };
};
