export * from "./client.ts";
export * from "./entities.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./keys.ts";
export * from "./manifest.ts";
export * from "./registry-index.ts";
export * from "./routes/index.ts";
export { Failure, type Route } from "./routes/route.ts";
