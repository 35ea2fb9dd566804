import { Button } from "@mantine/core";
import { useState } from "react";
import { queries } from "../app/calls.ts";
import { type CallOutput, client } from "../app/client.ts";
import { showFault, showToast } from "../design/toast.tsx";
import { translate, useTexts } from "../texts/texts.ts";

type Registry = CallOutput<"listRegistries">["registries"][number];
type Place = Pick<Registry, "provider" | "url" | "ref" | "path" | "folder">;

const placeOf = ({ provider, url, ref, path, folder }: Place) => ({
  provider,
  ...(url !== undefined && { url }),
  ...(ref !== undefined && { ref }),
  ...(path !== undefined && { path }),
  ...(folder !== undefined && { folder }),
});

/** Reads a registry from another address, if that shows the same registry with the same keys. @throws Error that says why not */
const follow = async ({ id, name, trust, ...registry }: Registry, address: string): Promise<void> => {
  const { found } = await client.testRegistry({ body: { address } });
  const { identity, usable, failure } = found;
  if (!usable) throw new Error(failure?.error ?? translate("home.followUnusable", { address }));
  const isSame = identity?.fingerprint === trust?.fingerprint && identity?.origin === trust?.origin;
  if (!isSame) throw new Error(translate("home.followOther", { address }));
  const params = { id };
  await client.updateRegistry({ params, body: placeOf(found) });
  const refresh = () => client.refreshRegistry({ params });
  const undo = async () => {
    await client.updateRegistry({ params, body: placeOf(registry) });
    await refresh();
  };
  showToast({ text: translate("home.followed", { name, address }), undo });
  await refresh();
};

/** Follows a registry to where its keeper says that it is now. */
export const FollowButton = ({ registry, address }: { registry: Registry; address: string }) => {
  const { t } = useTexts();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    await follow(registry, address).catch(showFault);
    await queries.invalidateQueries();
    setBusy(false);
  };
  return (
    <Button size="compact-sm" variant="light" loading={busy} onClick={() => void run()}>
      {t("home.follow")}
    </Button>
  );
};
