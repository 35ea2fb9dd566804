import { errorTable } from "@hitagi/contract";
import { settingsTable } from "./config.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** docs/errors.md, from the error table. */
export const errorsPage = (): string => {
  const rows = Object.entries(errorTable).map(
    ([code, [status, message, hint]]) => `| \`${code}\` | ${status} | ${cell(message)} | ${cell(hint)} |`,
  );
  return [
    "# Errors",
    "",
    "Every failure has a code that never changes its meaning, a status, a message and a hint. Over HTTP they are the fields",
    "`code`, `error` and `hint`; a request that is not valid answers LANraragi's `errors` list instead. This page is made",
    "from the table in `packages/contract/src/errors.ts` by `npm run docs`.",
    "",
    "| code | status | what happened | what to do |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
};

/** docs/configuration.md, from the settings table. */
export const settingsPage = (): string => {
  const rows = Object.entries(settingsTable).map(([name, { env, fallback, about }]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const shown =
      name === "jobs" ? "the number of cores, at least 2" : fallback === "" ? "" : `\`${fallback}\``;
    return `| \`${env}\` | \`${flag}\` | ${shown} | ${cell(about)} |`;
  });
  return [
    "# Configuration",
    "",
    "Each setting is an environment variable and a flag of `hitagi serve`; the flag wins. This page is made from the table",
    "in `packages/server/src/config/config.ts` by `npm run docs`.",
    "",
    "| variable | flag | default | what it is |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
};
