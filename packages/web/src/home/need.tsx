import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useChange } from "../app/calls.ts";
import { useTexts } from "../texts/texts.ts";

/** Something that only the owner can settle. */
export interface Need {
  id: string;
  icon: LucideIcon;
  title: string;
  about?: ReactNode;
  /** The one button. */
  action: ReactNode;
}

export const LinkButton = ({ href, children }: { href: string; children: ReactNode }) => (
  <Button variant="light" size="compact-sm" renderRoot={(props) => <Link to={href} {...props} />}>
    {children}
  </Button>
);

export const RefreshButton = ({ id, name }: { id: string; name: string }) => {
  const { t } = useTexts();
  const refresh = useChange("refreshRegistry");
  return (
    <Button
      variant="light"
      size="compact-sm"
      loading={refresh.busy}
      onClick={() => void refresh.run({ params: { id } }, { done: t("home.refreshed", { name }) })}
    >
      {t("home.refresh")}
    </Button>
  );
};
