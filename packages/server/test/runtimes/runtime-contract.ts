import { createHash } from "node:crypto";
import { HitagiError, toNamespace } from "@hitagi/contract";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { CallRequest, HostRequestHandler, PluginCode, Runtime } from "../../src/runtimes/types.ts";
import { gate } from "../support/gate.ts";

/** A file as code, with the identity that it would have. */
export const codeOf = (source: string, filename: string, namespace = "probe"): PluginCode => ({
  namespace: toNamespace(namespace),
  filename,
  source: Buffer.from(source),
  sha256: createHash("sha256").update(source).digest("hex"),
});

/** A host that answers every host request with the request itself. */
export const echoRequests: HostRequestHandler = async (capability, args) => ({ capability, args });

/** The time of a call is longer than a loaded machine needs for it: tests of the time itself give their own. */
export const request = (more: Partial<CallRequest> = {}): CallRequest => ({
  entry: "run",
  context: { arg: "", settings: {} },
  onHostRequest: echoRequests,
  timeoutMs: 150_000,
  ...more,
});

/** The same small script plugin in the runtime's language, by what its `run` does. `version` makes versions differ. */
export interface ProbePlugins {
  filename: string;
  /** Answers `{arg, settings}`. */
  echo(version?: string): string;
  /** Fails with the message `no luck`. */
  failing: string;
  /** Asks `library.get` once, then does not come to its end, and does not look up from it. */
  looping: string;
  /** Sends a host request for the capability `library.get` with `{id: arg}`, and answers what it gave. */
  asking: string;
  /** Ends its own process, or brings it to an end. */
  dying: string;
  /** Is no plugin. */
  broken: string;
  /** Does not come to its end while it loads. */
  loopingLoad: string;
}

/**
 * What every runtime does, for plugins of every language.
 * @param open a new runtime; this stops it
 */
export const runtimeContract = (open: () => Runtime, plugins: ProbePlugins): void => {
  const start = (): Runtime => {
    const runtime = open();
    onTestFinished(() => runtime.stop());
    return runtime;
  };
  const code = (source: string, namespace?: string) => codeOf(source, plugins.filename, namespace);

  describe("as a runtime", () => {
    test("is available and takes the file", async () => {
      const runtime = start();
      expect(await runtime.unavailable()).toBeUndefined();
      expect(runtime.extensions.some((e) => plugins.filename.endsWith(e))).toBe(true);
    });

    test("vets a plugin, answers its manifest, and then calls it in the same process", async () => {
      const runtime = start();
      const echo = code(plugins.echo());
      expect(await runtime.vet(echo, 20_000)).toMatchObject({ namespace: "probe", type: "script" });
      const context = { arg: "hello", settings: { a: 1, b: true, c: "x" } };
      expect(await runtime.call(echo, request({ context }))).toEqual(context);
      expect(runtime.stats()).toMatchObject({ calls: 1, inFlight: 0, crashes: 0 });
    });

    test("calls a plugin that was not vetted here", async () => {
      const runtime = start();
      expect(await runtime.call(code(plugins.echo()), request())).toEqual({ arg: "", settings: {} });
    });

    test("starts one process for many first calls, and answers each call with its own result", async () => {
      const runtime = start();
      const echo = code(plugins.echo());
      const args = Array.from({ length: 50 }, (_, i) => `n${i}`);
      const answers = await Promise.all(
        args.map((arg) => runtime.call(echo, request({ context: { arg, settings: {} } }))),
      );
      expect(answers).toEqual(args.map((arg) => ({ arg, settings: {} })));
      const { processes, standby } = runtime.stats();
      expect(processes - standby).toBe(1);
    });

    test("gives a plugin's failure with its message", async () => {
      const failure = start().call(code(plugins.failing), request());
      await expect(failure).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
      await expect(failure).rejects.toThrow(/no luck/);
    });

    test("rejects a file that is no plugin with LOAD_FAILED", async () => {
      const runtime = start();
      await expect(runtime.vet(code(plugins.broken), 20_000)).rejects.toMatchObject({ code: "LOAD_FAILED" });
      await expect(runtime.call(code(plugins.broken), request())).rejects.toMatchObject({
        code: "LOAD_FAILED",
      });
    });

    test("ends a load check that times out", async () => {
      const runtime = start();
      const check = runtime.vet(code(plugins.loopingLoad), 1000);
      await expect(check).rejects.toMatchObject({ code: "LOAD_CHECK_FAILED" });
      await vi.waitFor(() => expect(runtime.stats().processes).toBe(runtime.stats().standby));
    });

    test("ends a call that times out, and runs the next", async () => {
      const runtime = start();
      const slow = runtime.call(code(plugins.looping), request({ timeoutMs: 1000 }));
      await expect(slow).rejects.toMatchObject({ code: "PLUGIN_TIMEOUT" });
      expect(await runtime.call(code(plugins.echo()), request())).toEqual({ arg: "", settings: {} });
      await vi.waitFor(() => expect(runtime.stats().processes - runtime.stats().standby).toBe(1));
    });

    test("answers a cancelled call at once, and ends its process", async () => {
      const runtime = start();
      const controller = new AbortController();
      const begun = vi.fn(echoRequests);
      const slow = runtime.call(
        code(plugins.looping),
        request({ signal: controller.signal, onHostRequest: begun }),
      );
      await vi.waitFor(() => expect(begun).toHaveBeenCalled());
      controller.abort();
      await expect(slow).rejects.toMatchObject({ code: "PLUGIN_CANCELLED" });
      await vi.waitFor(() => expect(runtime.stats().processes).toBe(runtime.stats().standby));
    });

    test("does not start a call that is already cancelled", async () => {
      const runtime = start();
      const call = runtime.call(code(plugins.echo()), request({ signal: AbortSignal.abort() }));
      await expect(call).rejects.toMatchObject({ code: "PLUGIN_CANCELLED" });
    });

    test("fails the calls of a process that crashes, and starts a new one for the next call", async () => {
      const runtime = start();
      const dying = code(plugins.dying);
      await expect(runtime.call(dying, request())).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
      await expect(runtime.call(dying, request())).rejects.toMatchObject({ code: "PLUGIN_CRASHED" });
      expect(runtime.stats().crashes).toBe(2);
      expect(await runtime.call(code(plugins.echo()), request())).toEqual({ arg: "", settings: {} });
    });

    test("passes a host request to its handler, and the response to the plugin", async () => {
      const context = { arg: "abc", settings: {} };
      expect(await start().call(code(plugins.asking), request({ context }))).toEqual({
        capability: "library.get",
        args: { id: "abc" },
      });
    });

    test("gives a plugin the message of the host's error", async () => {
      const onHostRequest: HostRequestHandler = async () => {
        throw new HitagiError("CAPABILITY_DENIED", {
          action: "read the library",
          reason: "it was not granted",
        });
      };
      await expect(start().call(code(plugins.asking), request({ onHostRequest }))).rejects.toThrow(
        /it was not granted/,
      );
    });

    test("does not show a plugin the server's internal errors", async () => {
      const onHostRequest: HostRequestHandler = async () => {
        throw new Error("ENOENT: /srv/secret");
      };
      const call = start().call(code(plugins.asking), request({ onHostRequest }));
      await expect(call).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
      await expect(call).rejects.not.toThrow(/secret/);
    });

    test("ends a retired version only after its calls in flight, and runs the next version meanwhile", async () => {
      const runtime = start();
      const { open: release, opened } = gate();
      let asked = false;
      const onHostRequest: HostRequestHandler = async () => {
        asked = true;
        await opened;
        return { from: "the old one" };
      };
      const old = code(plugins.asking);
      const call = runtime.call(old, request({ onHostRequest }));
      await vi.waitFor(() => expect(asked).toBe(true));
      runtime.retire(old);
      expect(await runtime.call(code(plugins.echo("2.0.0")), request())).toEqual({ arg: "", settings: {} });
      release();
      expect(await call).toEqual({ from: "the old one" });
      await vi.waitFor(() => expect(runtime.stats().processes - runtime.stats().standby).toBe(1));
    });

    test("starts a retired version again when it is called", async () => {
      const runtime = start();
      const echo = code(plugins.echo());
      await runtime.call(echo, request());
      runtime.retire(echo);
      expect(await runtime.call(echo, request())).toEqual({ arg: "", settings: {} });
    });

    test("ends all processes when it stops, and then takes no calls", async () => {
      const runtime = open();
      const pending = runtime.call(code(plugins.looping), request());
      pending.catch(() => {});
      await vi.waitFor(() => expect(runtime.stats().processes).toBeGreaterThan(runtime.stats().standby));
      await runtime.stop();
      await expect(pending).rejects.toThrow(HitagiError);
      expect(runtime.stats().processes).toBe(0);
      await expect(runtime.call(code(plugins.echo()), request())).rejects.toThrow(HitagiError);
    });
  });
};
