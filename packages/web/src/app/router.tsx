import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { FaultCard } from "../design/fault-card.tsx";
import { readPart } from "../plugins/parts.ts";
import { parseSearch, stringifySearch } from "./address.ts";
import { Gate } from "./gate.tsx";
import { NotFound } from "./not-found.tsx";

const root = createRootRoute({ component: Gate, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("../home/home.tsx"), "HomePage"),
});

const plugins = createRoute({
  getParentRoute: () => root,
  path: "/plugins",
  component: lazyRouteComponent(() => import("../plugins/plugins.tsx"), "PluginsPage"),
});

const plugin = createRoute({
  getParentRoute: () => root,
  path: "/plugins/$namespace",
  validateSearch: readPart,
  component: lazyRouteComponent(() => import("../plugins/plugin.tsx"), "PluginPage"),
});

const browse = createRoute({
  getParentRoute: () => root,
  path: "/browse",
  component: lazyRouteComponent(() => import("../browse/browse.tsx"), "BrowsePage"),
});

const offered = createRoute({
  getParentRoute: () => root,
  path: "/browse/$namespace",
  component: lazyRouteComponent(() => import("../browse/offered.tsx"), "OfferedPage"),
});

const registries = createRoute({
  getParentRoute: () => root,
  path: "/registries",
  component: lazyRouteComponent(() => import("../registries/registries.tsx"), "RegistriesPage"),
});

const library = createRoute({
  getParentRoute: () => root,
  path: "/library",
  component: lazyRouteComponent(() => import("../library/library.tsx"), "LibraryPage"),
});

const archive = createRoute({
  getParentRoute: () => root,
  path: "/library/$id",
  component: lazyRouteComponent(() => import("../library/archive.tsx"), "ArchivePage"),
});

const problems = createRoute({
  getParentRoute: () => root,
  path: "/library/problems",
  component: lazyRouteComponent(() => import("../library/problems.tsx"), "ProblemsPage"),
});

const activity = createRoute({
  getParentRoute: () => root,
  path: "/activity",
  component: lazyRouteComponent(() => import("../activity/activity.tsx"), "ActivityPage"),
});

const server = createRoute({
  getParentRoute: () => root,
  path: "/server",
  component: lazyRouteComponent(() => import("../server/server.tsx"), "ServerPage"),
});

const serverPart = createRoute({
  getParentRoute: () => root,
  path: "/server/$part",
  component: lazyRouteComponent(() => import("../server/server.tsx"), "ServerPage"),
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(() => import("../session/welcome.tsx"), "WelcomePage"),
});

const invite = createRoute({
  getParentRoute: () => root,
  path: "/invite",
  component: lazyRouteComponent(() => import("../session/invite.tsx"), "InvitePage"),
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
