import { api, type HitagiError, isHitagiError, type Output } from "@hitagi/contract";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { createFullestDisk } from "../../disk/free-space.ts";
import type { Services } from "../../services.ts";
import { handleRaw } from "../route.ts";
import type { Serializers } from "../serialization.ts";

type Health = Output<"getHealth">;

const faultOf = ({ code, message, hint }: HitagiError) => ({ code, error: message, hint });

const storeHealth = async (
  { store }: Services,
  log: FastifyBaseLogger,
): Promise<Pick<Health, "store" | "storeFault">> => {
  try {
    await store.check();
    return { store: "ok" };
  } catch (err) {
    log.warn({ err }, "the store failed its check");
    return { store: "failed", ...(isHitagiError(err) && { storeFault: faultOf(err) }) };
  }
};

/** Only installs and servers that lack artifacts need the share. */
const shareHealth = async ({ share }: Services): Promise<Pick<Health, "artifacts" | "artifactsFault">> => {
  if (!share) return {};
  const fault = await share.fault();
  return fault ? { artifacts: "failed", artifactsFault: faultOf(fault) } : { artifacts: "ok" };
};

const runtimeStates = async ({ runtimes }: Services): Promise<Health["runtimes"]> => {
  const states = runtimes.map(async (r) => {
    if (r.disabled) return [r.name, "off"] as const;
    const state = (await r.unavailable()) === undefined ? "ok" : "unavailable";
    return [r.name, state] as const;
  });
  return Object.fromEntries(await Promise.all(states));
};

const pluginCounts = async ({ plugins }: Services) => {
  const records = await plugins.records();
  const quarantined = records.filter((r) => r.health.state === "quarantined").length;
  return { plugins: records.length, quarantined };
};

/** The health of the server. It cannot work without its store, so a load balancer gets the status 503 then. */
export const healthRoutes = (app: FastifyInstance, services: Services, serializers: Serializers): void => {
  const serialize = serializers(api.getHealth.response);
  const fullestDisk = createFullestDisk();
  handleRaw(app, "getHealth", async (_input, { request, reply }) => {
    const [{ store, ...fault }, share, disk] = await Promise.all([
      storeHealth(services, request.log),
      shareHealth(services),
      fullestDisk([services.config.data, services.config.plugins]),
    ]);
    const runtimes = await runtimeStates(services);
    const counts =
      store === "ok"
        ? await pluginCounts(services)
        : { plugins: services.plugins.list("all").length, quarantined: 0 };
    const isHealthy =
      share.artifacts !== "failed" &&
      store === "ok" &&
      counts.quarantined === 0 &&
      Object.values(runtimes).every((s) => s !== "unavailable");
    const health: Health = {
      status: isHealthy ? "ok" : "degraded",
      store,
      ...fault,
      ...share,
      runtimes,
      ...(disk && { disk }),
      ...counts,
    };
    return reply
      .code(store === "ok" ? 200 : 503)
      .type("application/json; charset=utf-8")
      .send(serialize(health));
  });
};
