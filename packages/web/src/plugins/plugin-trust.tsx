import type { InstalledPlugin, PluginTrust } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { useChange } from "../app/calls.ts";
import { client } from "../app/client.ts";
import { Chip, type Tone } from "../design/chip.tsx";
import { Ticked } from "../design/ticked.tsx";
import { type Translate, useTexts } from "../texts/texts.ts";
import classes from "./plugin-trust.module.css";

const tones: Record<PluginTrust["state"], Tone> = {
  signed: "good",
  unsigned: "plain",
  changed: "bad",
  blocked: "bad",
  withdrawn: "bad",
  yanked: "bad",
  local: "plain",
};

/** How far a plugin is vouched for. */
export const TrustChip = ({ trust: { state } }: Pick<InstalledPlugin, "trust">) => {
  const { t } = useTexts();
  return <Chip tone={tones[state]}>{t(`plugins.trust.${state}`)}</Chip>;
};

/** Why a plugin is in its state of trust. What a keeper or a block list says of it stays as it was written. */
const reasonOf = ({ trust: { state, reason }, origin }: InstalledPlugin, t: Translate): string => {
  if (state === "blocked" || state === "withdrawn" || state === "yanked") return reason;
  if (state === "local") return t(`plugins.trustWhy.${origin === "builtin" ? "builtin" : "file"}`);
  return t(`plugins.trustWhy.${state}`);
};

/** The state of trust with its reason, on one line. */
export const TrustLine = ({ plugin }: { plugin: InstalledPlugin }) => {
  const { t } = useTexts();
  return (
    <span className={classes.line}>
      <TrustChip trust={plugin.trust} /> <Ticked text={reasonOf(plugin, t)} />
    </span>
  );
};

/** Lets a plugin run in spite of the block lists. */
export const AllowButton = ({ namespace, name }: { namespace: string; name: string }) => {
  const { t } = useTexts();
  const allow = useChange("allowBlockedPlugin");
  const params = { namespace: namespace as never };
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={allow.busy}
      aria-label={t("plugins.allowOf", { name })}
      onClick={() =>
        void allow.run(
          { params },
          {
            done: t("plugins.allowed", { name }),
            undo: () => client.disallowBlockedPlugin({ params }),
          },
        )
      }
    >
      {t("plugins.allow")}
    </Button>
  );
};
