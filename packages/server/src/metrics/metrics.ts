import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { version } from "../version.ts";
import { createTimings } from "./timings.ts";

/** Upper bounds in seconds for calls of the API and of plugins. */
const CALL_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60];
/** The same for operations of the store, which take microseconds. */
const STORE_BUCKETS = [0.0001, 0.0005, 0.002, 0.01, 0.05, 0.25, 1];
/** The same for jobs, which may take hours. */
const JOB_BUCKETS = [0.1, 0.5, 2.5, 10, 60, 300, 1800, 7200];

/**
 * What is counted, each with its labels. A label's values are names that the program or its owner gave (operations,
 * tasks, capabilities, codes of the error table, installed plugins), and never what a caller or a plugin sends: the
 * number of series stays bounded.
 */
const define = (registry: Registry) => {
  const timings = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    createTimings(registry, name, help, labelNames, buckets);
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  return {
    info: gauge("hitagi_info", "1, with the version of the server.", ["version"]),
    requestSeconds: timings(
      "hitagi_http_request_seconds",
      "Time to answer a call of the API.",
      ["operation", "status"],
      CALL_BUCKETS,
    ),
    pluginSeconds: timings(
      "hitagi_plugin_call_seconds",
      "Time of a plugin's calls.",
      ["plugin"],
      CALL_BUCKETS,
    ),
    pluginFailures: counter(
      "hitagi_plugin_failures_total",
      "Calls of a plugin that failed, by the failure's code.",
      ["plugin", "code"],
    ),
    plugins: gauge("hitagi_plugins", "Active plugins, by their health.", ["health"]),
    processes: gauge("hitagi_pool_processes", "Processes of a runtime that are alive, warm ones included.", [
      "runtime",
    ]),
    warm: gauge("hitagi_pool_warm_processes", "Processes that were started before they are needed.", [
      "runtime",
    ]),
    inFlight: gauge("hitagi_pool_calls_in_flight", "Calls that run now.", ["runtime"]),
    crashes: counter("hitagi_pool_crashes_total", "Processes that ended unexpectedly and were replaced.", [
      "runtime",
    ]),
    hostRequests: counter(
      "hitagi_broker_asks_total",
      "What plugins asked the host for, by `ok` or the code of the refusal.",
      ["capability", "outcome"],
    ),
    fetches: counter(
      "hitagi_broker_fetches_total",
      "Requests made for plugins, by class of status or code.",
      ["outcome"],
    ),
    jobs: gauge("hitagi_jobs", "Jobs that wait (inactive) or run (active).", ["task", "state"]),
    jobSeconds: timings(
      "hitagi_job_seconds",
      "Time of jobs that ended, by `ok` or the failure's code.",
      ["task", "outcome"],
      JOB_BUCKETS,
    ),
    storeSeconds: timings(
      "hitagi_store_seconds",
      "Time of the store's operations.",
      ["store", "operation"],
      STORE_BUCKETS,
    ),
    storeFailures: counter("hitagi_store_failures_total", "Operations of the store that failed, by code.", [
      "code",
    ]),
    refreshes: counter(
      "hitagi_registry_refreshes_total",
      "Refreshes of registries: changed, unchanged or a code.",
      ["outcome"],
    ),
    streams: gauge("hitagi_event_streams", "Streams of events that are open.", []),
  };
};

/** The metrics of one server, in a registry of its own: a process may hold several servers. */
export interface Metrics extends ReturnType<typeof define> {
  readonly registry: Registry;
}

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  const metrics = define(registry);
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  metrics.info.set({ version }, 1);
  return { registry, ...metrics };
};
