import type { Actor } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";

/** How the command line calls itself. That is a claim and no proof, as whoever has the key could say it too. */
const CLI = /^hitagi-cli\//;

/** Who makes a request: the holder of its key, by the command line or by another program. */
export const actorOf = ({ headers, holder }: FastifyRequest): Actor => ({
  kind: CLI.test(headers["user-agent"] ?? "") ? "cli" : "api",
  key: holder?.name ?? null,
});
