import { useEffect, useState } from "react";

/**
 * Gives the focus back to what had it before the component was drawn, or to the page's title if that is gone. For dialogs that are drawn
 * only while they are open: Mantine's own way needs a dialog that is drawn closed first.
 */
export const useFocusBack = (): void => {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const back = before?.isConnected ? before : document.querySelector("[data-page-title]");
      if (back instanceof HTMLElement) back.focus({ preventScroll: true });
    },
    [before],
  );
};
