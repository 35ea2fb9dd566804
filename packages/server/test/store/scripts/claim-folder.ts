/** Claims a data folder and holds it until it is killed. Argument: the folder. */
import { claimDataFolder } from "../../../src/store/data-folder.ts";

await claimDataFolder(process.argv[2] ?? "");
console.log("claimed");
setInterval(() => {}, 1000);
