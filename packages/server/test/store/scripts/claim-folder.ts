/** Claims a data folder and what is in it, and holds it until it is killed. Argument: the folder. */
import { readConfig } from "../../../src/config.ts";
import { claimPlaces } from "../../../src/store/claim.ts";

await claimPlaces(readConfig({ data: process.argv[2] ?? "" }, {}));
console.log("claimed");
setInterval(() => {}, 1000);
