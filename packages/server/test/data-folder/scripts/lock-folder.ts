/** Locks a server's folders until it is killed. Arguments: the data folder; a shared library and the id of its store. */
import { serverFolders } from "../../../src/backup/server-folders.ts";
import { readConfig } from "../../../src/config/config.ts";
import { lockFolders } from "../../../src/data-folder/locks.ts";

const [data = "", library, store] = process.argv.slice(2);
const folders = serverFolders(readConfig({ data, ...(library !== undefined && { library }) }, {}));
const locks = await lockFolders(folders, { sharesLibrary: store !== undefined });
if (store !== undefined) await locks.lockSharedLibrary(store);
console.log("locked");
// The interval also keeps the locks: one that is collected as garbage is released.
setInterval(() => locks, 1000);
