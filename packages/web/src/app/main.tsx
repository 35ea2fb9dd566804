import "@mantine/core/styles/default-css-variables.css";
import "../design/tokens.css";
import "../design/components.css";
import "../design/base.css";
import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { theme } from "../design/theme.ts";
import { startTexts } from "../texts/texts.ts";
import { queries } from "./calls.ts";
import { router } from "./router.tsx";

await startTexts();

const place = document.getElementById("page");
if (place === null) throw new Error("The document has no place for the page.");

createRoot(place).render(
  <StrictMode>
    <I18nProvider i18n={i18n}>
      <MantineProvider
        theme={theme}
        colorSchemeManager={localStorageColorSchemeManager({ key: "hitagi-colours" })}
        defaultColorScheme="auto"
        // Both would write style elements, which the Content-Security-Policy forbids: the variables are in components.css.
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={queries}>
          <Notifications position="bottom-right" zIndex={400} limit={4} />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </I18nProvider>
  </StrictMode>,
);
