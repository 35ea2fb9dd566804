import path from "node:path";
import { type Plugin, runnerImport } from "vite";

const contract = path.resolve(import.meta.dirname, "../../contract/src");
const routesFile = path.join(contract, "routes/index.ts");
const errorsFile = path.join(contract, "errors.ts");

/** The errors that the client itself makes. All others come from the server with their texts. */
const OWN_ERRORS = ["SERVER_UNREACHABLE", "RESPONSE_UNREADABLE"];

interface AnyRoute {
  method: string;
  path: string;
  body?: unknown;
  form?: string;
  media?: string;
}

/** What the client needs of a call. */
const lightRoute = ({ method, path: address, body, form, media }: AnyRoute) => ({
  method,
  path: address,
  ...(body !== undefined && { body: true }),
  ...(form !== undefined && { form }),
  ...(media !== undefined && { media }),
});

/**
 * Leaves the schemas of the calls, and the texts of the errors, out of the page: only the server checks values, and the schemas with their
 * library are larger than all else of the page.
 */
export const lightContract = (): Plugin => ({
  name: "light-contract",
  enforce: "pre",
  async load(id) {
    if (id === routesFile) {
      const { module } = await runnerImport<{ api: Record<string, AnyRoute> }>(routesFile);
      const light = Object.entries(module.api).map(([name, route]) => [name, lightRoute(route)]);
      return `export const api = ${JSON.stringify(Object.fromEntries(light))};`;
    }
    if (id === errorsFile) {
      const { module } = await runnerImport<{ errorTable: Record<string, unknown> }>(errorsFile);
      const own = OWN_ERRORS.filter((code) => code in module.errorTable).map((code) => [
        code,
        module.errorTable[code],
      ]);
      return `export const errorTable = ${JSON.stringify(Object.fromEntries(own))};`;
    }
    return undefined;
  },
});
