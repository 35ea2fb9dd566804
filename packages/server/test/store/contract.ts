import { describe } from "vitest";
import { archiveContract } from "./contract/archives.ts";
import { batchContract } from "./contract/batches.ts";
import { cacheContract } from "./contract/cache.ts";
import { catalogContract } from "./contract/catalog.ts";
import { categoryContract } from "./contract/categories.ts";
import { documentContract } from "./contract/documents.ts";
import { historyContract } from "./contract/history.ts";
import { jobContract } from "./contract/jobs.ts";
import { keyContract } from "./contract/keys.ts";
import { knownContract } from "./contract/known.ts";
import { lockContract } from "./contract/locks.ts";
import type { OpenStore } from "./contract/open.ts";
import { pluginLogContract } from "./contract/plugin-logs.ts";
import { pluginContract } from "./contract/plugins.ts";
import { registryContract } from "./contract/registries.ts";
import { seenVersionContract } from "./contract/seen-versions.ts";
import { sharedContract } from "./contract/shared.ts";
import { trustContract } from "./contract/trust.ts";
import { copyContract, wholeContract } from "./contract/whole.ts";

/**
 * What every driver of the store must do.
 * @param open opens the store of a place, a new empty folder or one opened before; a driver whose data lives
 *   elsewhere takes it as a name
 * @param options `shared` says whether several servers can share it
 */
export const storeContract = (name: string, open: OpenStore, { shared = false } = {}): void => {
  describe(`${name}: registries`, () => registryContract(open));
  describe(`${name}: catalog`, () => catalogContract(open));
  describe(`${name}: seen versions`, () => seenVersionContract(open));
  describe(`${name}: trust`, () => trustContract(open));
  describe(`${name}: plugins`, () => pluginContract(open));
  describe(`${name}: jobs`, () => jobContract(open));
  describe(`${name}: batches`, () => batchContract(open));
  describe(`${name}: archives`, () => archiveContract(open));
  describe(`${name}: categories`, () => categoryContract(open));
  describe(`${name}: documents`, () => documentContract(open));
  describe(`${name}: known archives`, () => knownContract(open));
  describe(`${name}: history`, () => historyContract(open));
  describe(`${name}: logs of plugins`, () => pluginLogContract(open));
  describe(`${name}: keys`, () => keyContract(open));
  describe(`${name}: cache`, () => cacheContract(open));
  describe(`${name}: locks`, () => lockContract(open));
  describe(`${name}: the whole`, () => wholeContract(open));
  if (shared) describe(`${name}: what servers share`, () => sharedContract(open));
  describe(`${name}: its copy`, () => copyContract(open));
};
