import { type Config, type SettingName, settingsTable } from "./config.ts";

/** The settings that are secrets, or may have one in their address. */
const secretSettings = ["apiKey", "libraryKey", "s3Secret", "store"] as const satisfies SettingName[];

const names = Object.keys(settingsTable) as SettingName[];
const isSecret = (name: SettingName): boolean => secretSettings.some((secret) => secret === name);

/** The settings of a server for its owner: values, and of secrets only which are set. */
export const shownSettings = (config: Config): { settings: Record<string, unknown>; secrets: string[] } => ({
  settings: Object.fromEntries(names.filter((name) => !isSecret(name)).map((name) => [name, config[name]])),
  secrets: names.filter((name) => isSecret(name) && config[name] !== ""),
});

/** Settings that are of no use without a secret. */
const needsSecret: Partial<Record<SettingName, (typeof secretSettings)[number]>> = {
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
