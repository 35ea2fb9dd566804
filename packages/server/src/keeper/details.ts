import { RegistryDetails, type Requirements } from "@hitagi/contract";
import { Compile } from "typebox/compile";
import { type IndexIssue, isJsonObject, isUtcTime, pointerStep } from "../catalog/index-rules.ts";
import { isRange } from "../install/requirements/ranges.ts";
import { KeeperError } from "./keeper-error.ts";

/** Plugins of an index by their keys, as they are written. */
type IndexedPlugins = Readonly<Record<string, unknown>>;

const schema = Compile(RegistryDetails);

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
};

/** What is wrong with the form of registry.details.json. */
const formIssues = (value: unknown): IndexIssue[] =>
  value === undefined
    ? [{ path: "/", reason: "is not JSON" }]
    : schema
        .Errors(value)
        .map(({ instancePath, message }) => ({ path: instancePath || "/", reason: message }));

/** Ranges that no version is in, because they are none. */
const rangeIssues = (path: string, { hitagi, plugins = {} }: Requirements = {}): IndexIssue[] =>
  [["hitagi", hitagi ?? "*"] as const, ...Object.entries(plugins)]
    .filter(([, range]) => !isRange(range))
    .map(([name, range]) => ({
      path: `${path}/requires`,
      reason: `has the range ${range} of ${name}, which is no range of versions`,
    }));

/** What disagrees with the index, in valid details. */
const contentIssues = ({ plugins }: RegistryDetails, inIndex: IndexedPlugins): IndexIssue[] =>
  Object.entries(plugins).flatMap(([namespace, { versions = {}, yanked = {} }]) => {
    const at = `/plugins${pointerStep(namespace)}`;
    const plugin = inIndex[namespace];
    const offered = isJsonObject(plugin) && isJsonObject(plugin.versions) ? plugin.versions : {};
    return [
      ...Object.keys(versions)
        .filter((version) => !Object.hasOwn(offered, version) && !Object.hasOwn(yanked, version))
        .map((version) => ({
          path: `${at}/versions${pointerStep(version)}`,
          reason: "is a version that registry.json does not have",
        })),
      ...Object.entries(versions).flatMap(([version, { requires }]) =>
        rangeIssues(`${at}/versions${pointerStep(version)}`, requires),
      ),
      ...Object.entries(yanked).flatMap(([version, { at: time }]) => {
        const path = `${at}/yanked${pointerStep(version)}`;
        return [
          ...(Object.hasOwn(offered, version)
            ? [{ path, reason: "is yanked, and in registry.json too" }]
            : []),
          ...(isUtcTime(time) ? [] : [{ path: `${path}/at`, reason: "is not a UTC time that exists" }]),
        ];
      }),
    ];
  });

/** All that is wrong with registry.details.json. @param inIndex the plugins of the index, which may have faults */
export const inspectDetails = (bytes: Buffer, inIndex: IndexedPlugins): IndexIssue[] => {
  const value = parse(bytes);
  const issues = formIssues(value);
  return issues.length > 0 ? issues : contentIssues(value as RegistryDetails, inIndex);
};

/** Reads registry.details.json. @throws KeeperError DETAILS_INVALID */
export const readDetails = (bytes: Buffer): RegistryDetails => {
  const value = parse(bytes);
  const [issue] = formIssues(value);
  if (!issue) return value as RegistryDetails;
  throw new KeeperError(
    `registry.details.json cannot be used: ${issue.path} ${issue.reason}.`,
    "See all errors with `hitagi registry check`.",
    "DETAILS_INVALID",
  );
};
