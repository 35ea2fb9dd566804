import { createInProcessBus } from "../../src/events/in-process.ts";
import { busContract } from "./bus-contract.ts";

busContract(async (kept) => createInProcessBus({ kept }));
