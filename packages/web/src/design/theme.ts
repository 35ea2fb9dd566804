import { createTheme } from "@mantine/core";

/** Locking the scroll would write a style element, which the Content-Security-Policy forbids. */
const dialog = { defaultProps: { lockScroll: false, overlayProps: { backgroundOpacity: 0.45 } } };

/** The components' defaults. Their colours are variables, which components.css sets from the tokens. */
export const theme = createTheme({
  primaryColor: "violet",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: { Modal: dialog, Drawer: dialog },
});
