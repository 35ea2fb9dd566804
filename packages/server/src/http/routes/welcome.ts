import type { FastifyInstance } from "fastify";
import { version } from "../../version.ts";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hitagi</title>
<style>
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color: #222; background: #fff; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818; } a { color: #8ab4f8; } }
code { font-family: ui-monospace, monospace; }
</style>
</head>
<body>
<main>
<h1>Hitagi ${version}</h1>
<p>A plugin registry and plugin host: it adds registries, installs the plugins that they offer, and runs them in
a sandbox. Its API is LANraragi's, with more beside it.</p>
<ul>
<li><a href="/api/docs/">The calls of the API</a>, and the same as <a href="/api/openapi.json">OpenAPI 3.1</a></li>
<li><a href="/api/info">What this server is</a> and <a href="/healthz">how it is</a></li>
<li>On the command line: <code>hitagi --help</code></li>
</ul>
</main>
</body>
</html>
`;

const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The page at `/`, for a browser. */
export const welcomeRoute = (app: FastifyInstance): void => {
  app.get("/", { schema: { hide: true } }, (_request, reply) =>
    reply.type("text/html; charset=utf-8").header("content-security-policy", policy).send(page),
  );
};
