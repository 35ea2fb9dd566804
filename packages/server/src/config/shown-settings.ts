import path from "node:path";
import { type Config, readConfig, type SettingName, settingsTable } from "./config.ts";

const names = Object.keys(settingsTable) as SettingName[];

/** An address with a user or a password, as a proxy may have. */
const hasCredentials = (value: unknown): boolean =>
  typeof value === "string" && /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(value);

/** The settings of a server for its owner: values, and of secrets only which are set. */
export const shownSettings = (config: Config): { settings: Record<string, unknown>; secrets: string[] } => {
  const isHidden = (name: SettingName): boolean =>
    settingsTable[name].isSecret || hasCredentials(config[name]);
  return {
    settings: Object.fromEntries(names.filter((name) => !isHidden(name)).map((name) => [name, config[name]])),
    secrets: names.filter((name) => isHidden(name) && config[name] !== ""),
  };
};

/** The names of the settings that are no secret and have another value than without an environment. */
export const changedSettings = (config: Config): string[] => {
  const ofThisFolder = readConfig({ data: config.data }, {});
  const defaults = { ...ofThisFolder, data: path.resolve(settingsTable.data.fallback) };
  return Object.keys(shownSettings(config).settings).filter(
    (name) => String(config[name as SettingName]) !== String(defaults[name as SettingName]),
  );
};

/** Settings that are of no use without a secret. */
const needsSecret: Partial<Record<SettingName, "libraryKey" | "s3Secret">> = {
  library: "libraryKey",
  artifacts: "s3Secret",
};

/**
 * The settings that a server on this machine runs with, over those of this process. One that needs a secret which this process
 * does not have stays as it is here.
 */
export const withShownSettings = (
  own: Config,
  { settings, secrets }: ReturnType<typeof shownSettings>,
): Config => {
  const isUsable = (name: SettingName): boolean => {
    const secret = needsSecret[name];
    const lacks = secret !== undefined && secrets.includes(secret) && own[secret] === "";
    return name in settings && typeof settings[name] === typeof own[name] && !lacks;
  };
  const taken = Object.fromEntries(names.filter(isUsable).map((name) => [name, settings[name]]));
  // Only whether it is set matters to a check.
  const apiKey = own.apiKey || (secrets.includes("apiKey") ? "***" : "");
  return { ...own, ...taken, apiKey };
};
