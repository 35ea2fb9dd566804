import "../design/dialog.css";
import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { useFocusBack } from "../design/use-focus-back.ts";
import { useTexts } from "../texts/texts.ts";

/** The menu of a narrow window. */
const MenuDrawer = ({ onClose, children }: { onClose: () => void; children: ReactNode }) => {
  const { t } = useTexts();
  useFocusBack();
  return (
    <Drawer
      opened
      onClose={onClose}
      title={t("app.menu")}
      position="right"
      size="17rem"
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      {children}
    </Drawer>
  );
};

export default MenuDrawer;
