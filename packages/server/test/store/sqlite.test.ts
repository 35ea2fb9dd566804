import path from "node:path";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { storeContract } from "./contract.ts";

storeContract("sqlite", (place) => openSqliteStore(path.join(place, "hitagi.db")));
