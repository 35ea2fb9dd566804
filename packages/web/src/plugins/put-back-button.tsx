import type { InstalledPlugin } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { useChange } from "../app/calls.ts";
import { useTexts } from "../texts/texts.ts";

/** Puts the installed file of a plugin in place again. */
export const PutBackButton = ({ namespace, name }: Pick<InstalledPlugin, "namespace" | "name">) => {
  const { t } = useTexts();
  const reinstall = useChange("reinstallPlugin");
  return (
    <Button
      size="compact-sm"
      variant="light"
      loading={reinstall.busy}
      onClick={() => void reinstall.run({ params: { namespace } }, { done: t("home.isBack", { name }) })}
    >
      {t("home.putBack")}
    </Button>
  );
};
