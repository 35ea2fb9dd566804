import { errorTable } from "@hitagi/contract";
import { flagOf, settingsTable } from "../src/config/config.ts";

const page = (
  title: string,
  intro: string,
  head: string[],
  rows: readonly (readonly unknown[])[],
): string => {
  const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`;
  const table = [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
  return `# ${title}\n\n${intro}\n\n${table}\n`;
};

const cell = (text: string): string => text.replaceAll("|", "\\|");

/** docs/errors.md, from the error table. */
export const errorsPage = (): string =>
  page(
    "Errors",
    `Every failure has a code that never changes its meaning, a status, a message and a hint. Over HTTP they are the fields
\`code\`, \`error\` and \`hint\`; a request of the wrong form has LANraragi's \`errors\` list too, with a path for each fault. This page is made
from the table in \`packages/contract/src/errors.ts\` by \`npm run docs\`.`,
    ["code", "status", "what happened", "what to do"],
    Object.entries(errorTable).map(([code, [status, message, hint]]) => [
      `\`${code}\``,
      status,
      cell(message),
      cell(hint),
    ]),
  );

/** The default of a setting. That of `jobs` depends on the machine. */
const defaultText = (name: string, fallback: string): string => {
  if (name === "jobs") return "the number of cores, at least 2";
  return fallback === "" ? "" : `\`${fallback}\``;
};

/** docs/configuration.md, from the settings table. */
export const settingsPage = (): string =>
  page(
    "Configuration",
    `Each setting is an environment variable and a flag of \`hitagi serve\`; the flag wins. This page is made from the table
in \`packages/server/src/config/config.ts\` by \`npm run docs\`.`,
    ["variable", "flag", "default", "what it is"],
    Object.entries(settingsTable).map(([name, { env, fallback, about }]) => [
      `\`${env}\``,
      `\`--${flagOf(env)}\``,
      defaultText(name, fallback),
      cell(about),
    ]),
  );
