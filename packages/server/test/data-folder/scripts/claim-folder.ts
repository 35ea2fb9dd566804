/**
 * Claims a data folder and what is in it, and holds it until it is killed. Arguments: the folder; a library that is shared, and with
 * which store.
 */
import { readConfig } from "../../../src/config/config.ts";
import { claimPlaces } from "../../../src/data-folder/locks.ts";

const [data = "", library, store] = process.argv.slice(2);
const config = readConfig({ data, ...(library !== undefined && { library }) }, {});
const claim = await claimPlaces(config, { sharesLibrary: store !== undefined });
if (store !== undefined) await claim.shareLibrary(store);
console.log("claimed");
setInterval(() => {}, 1000);
