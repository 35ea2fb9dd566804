import path from "node:path";
import { PluginDetails, RegistryDetails, Requirements } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { readIfThere } from "../disk/files.ts";
import { KeeperError } from "./keeper-error.ts";

/** What the keeper says in a folder about its registry. It holds no secret. */
export const SETTINGS_FILE = "keeper.json";

const closed = { additionalProperties: false } as const;
const { name, description, homepage, contact } = RegistryDetails.properties;
const { versions: _, yanked: __, readme: ___, ...texts } = PluginDetails.properties;

const PluginTexts = Type.Object({ ...texts, requires: Type.Optional(Requirements) }, closed);

const Settings = Type.Object(
  {
    ...{ name, description, homepage, contact },
    /** Where owners reach the registry. */
    address: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
    /** Where `publish` puts it: `git`, `s3://bucket/prefix`, or a folder. */
    publish: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
    /** Whether `publish` writes index.html, a page for people. */
    page: Type.Optional(Type.Boolean()),
    /** By namespace. `requires` is of the versions that are built from now on. */
    plugins: Type.Optional(Type.Record(Type.String({ pattern: "^[a-z0-9_-]{1,128}$" }), PluginTexts, closed)),
  },
  closed,
);
export type KeeperSettings = Static<typeof Settings>;

const schema = Compile(Settings);

const invalid = (reason: string): KeeperError =>
  new KeeperError(
    `${SETTINGS_FILE} cannot be used: ${reason}.`,
    "Its fields are in the guide for registry keepers, under keeper.json.",
  );

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw invalid("it is not JSON");
  }
};

/** @throws KeeperError for what is no settings of a keeper */
export const checkKeeperSettings = (value: unknown): KeeperSettings => {
  if (schema.Check(value)) return value;
  const [error] = schema.Errors(value);
  throw invalid(`${error?.instancePath || "/"} ${error?.message}`);
};

/** Whether `publish` names a folder, and neither git nor a bucket. */
export const isFolderPlace = (place: string): boolean =>
  place !== "git" && !/^[a-z0-9+.-]+:\/\//i.test(place);

/** The settings of a folder; none where it has no such file. Folders in it are relative to it, and become absolute. @throws KeeperError */
export const readKeeperSettings = async (folder: string): Promise<KeeperSettings> => {
  const bytes = await readIfThere(path.join(folder, SETTINGS_FILE));
  if (!bytes) return {};
  const settings = checkKeeperSettings(parse(bytes));
  const { address, publish } = settings;
  return {
    ...settings,
    ...(address !== undefined &&
      /^\.{1,2}(?:[\\/]|$)/.test(address) && { address: path.resolve(folder, address) }),
    ...(publish !== undefined && isFolderPlace(publish) && { publish: path.resolve(folder, publish) }),
  };
};

export const keeperSettingsText = (settings: KeeperSettings): string =>
  `${JSON.stringify(settings, null, 2)}\n`;
