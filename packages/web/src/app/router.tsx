import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { FaultCard } from "../design/fault-card.tsx";
import { readPart } from "../plugins/parts.ts";
import { loadPlaceTexts } from "../texts/texts.ts";
import { parseSearch, stringifySearch } from "./address.ts";
import { Gate } from "./gate.tsx";
import { NotFound } from "./not-found.tsx";

/** Loads the chunk of a place and, if it is the first one, the texts of all places. */
const placed =
  <T,>(load: () => Promise<T>) =>
  async (): Promise<T> => {
    const [module] = await Promise.all([load(), loadPlaceTexts()]);
    return module;
  };

const root = createRootRoute({ component: Gate, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("../home/home.tsx"), "HomePage"),
});

const plugins = createRoute({
  getParentRoute: () => root,
  path: "/plugins",
  component: lazyRouteComponent(
    placed(() => import("../plugins/plugins.tsx")),
    "PluginsPage",
  ),
});

const plugin = createRoute({
  getParentRoute: () => root,
  path: "/plugins/$namespace",
  validateSearch: readPart,
  component: lazyRouteComponent(
    placed(() => import("../plugins/plugin.tsx")),
    "PluginPage",
  ),
});

const browse = createRoute({
  getParentRoute: () => root,
  path: "/browse",
  component: lazyRouteComponent(
    placed(() => import("../browse/browse.tsx")),
    "BrowsePage",
  ),
});

const offered = createRoute({
  getParentRoute: () => root,
  path: "/browse/$namespace",
  component: lazyRouteComponent(
    placed(() => import("../browse/offered.tsx")),
    "OfferedPage",
  ),
});

const registries = createRoute({
  getParentRoute: () => root,
  path: "/registries",
  component: lazyRouteComponent(
    placed(() => import("../registries/registries.tsx")),
    "RegistriesPage",
  ),
});

const registry = createRoute({
  getParentRoute: () => root,
  path: "/registries/$id",
  component: lazyRouteComponent(
    placed(() => import("../registries/registry.tsx")),
    "RegistryPage",
  ),
});

const library = createRoute({
  getParentRoute: () => root,
  path: "/library",
  component: lazyRouteComponent(
    placed(() => import("../library/library.tsx")),
    "LibraryPage",
  ),
});

const archive = createRoute({
  getParentRoute: () => root,
  path: "/library/$id",
  component: lazyRouteComponent(
    placed(() => import("../library/archive.tsx")),
    "ArchivePage",
  ),
});

const problems = createRoute({
  getParentRoute: () => root,
  path: "/library/problems",
  component: lazyRouteComponent(
    placed(() => import("../library/problems.tsx")),
    "ProblemsPage",
  ),
});

const activity = createRoute({
  getParentRoute: () => root,
  path: "/activity",
  component: lazyRouteComponent(
    placed(() => import("../activity/activity.tsx")),
    "ActivityPage",
  ),
});

const server = createRoute({
  getParentRoute: () => root,
  path: "/server",
  component: lazyRouteComponent(
    placed(() => import("../server/server.tsx")),
    "ServerPage",
  ),
});

const serverPart = createRoute({
  getParentRoute: () => root,
  path: "/server/$part",
  component: lazyRouteComponent(
    placed(() => import("../server/server.tsx")),
    "ServerPage",
  ),
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(
    placed(() => import("../session/welcome.tsx")),
    "WelcomePage",
  ),
});

const invite = createRoute({
  getParentRoute: () => root,
  path: "/invite",
  component: lazyRouteComponent(
    placed(() => import("../session/invite.tsx")),
    "InvitePage",
  ),
});

/** Every address of the page, each with a chunk of its own. A new first part is also a row in the server's `PAGE_PLACES`. */
export const router = createRouter({
  routeTree: root.addChildren([
    home,
    plugins,
    plugin,
    browse,
    offered,
    registries,
    registry,
    library,
    archive,
    problems,
    activity,
    server,
    serverPart,
    welcome,
    invite,
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultErrorComponent: ({ error, reset }) => <FaultCard error={error} retry={reset} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
