import { Button } from "@mantine/core";
import { useChange } from "../app/calls.ts";
import { type CallOutput, client } from "../app/client.ts";
import { useTexts } from "../texts/texts.ts";

type Registry = CallOutput<"listRegistries">["registries"][number];

/** Follows a registry to where its head says that it is now. The server does so only if the same keys are there. */
export const FollowButton = ({ registry, address }: { registry: Registry; address: string }) => {
  const { t } = useTexts();
  const move = useChange("moveRegistry");
  const { id, name, provider, url, ref, path, folder } = registry;
  const params = { id };
  const before = {
    provider,
    ...(url !== undefined && { url }),
    ...(ref !== undefined && { ref }),
    ...(path !== undefined && { path }),
    ...(folder !== undefined && { folder }),
  };
  const undo = async () => {
    await client.updateRegistry({ params, body: before });
    await client.refreshRegistry({ params });
  };
  return (
    <Button
      size="compact-sm"
      variant="light"
      loading={move.busy}
      onClick={() =>
        void move.run(
          { params, body: { address, follow: true } },
          { done: t("home.followed", { name, address }), undo },
        )
      }
    >
      {t("home.follow")}
    </Button>
  );
};
