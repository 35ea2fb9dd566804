import { HitagiError, toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { createRefusalWatch } from "../../../src/plugins/use/refusals.ts";

const manifest = (login_from?: string) => ({
  ...{ namespace: toNamespace("site"), type: "metadata" as const, name: "", version: "1.0.0" },
  ...{ author: "", description: "", ...(login_from && { login_from: toNamespace(login_from) }) },
});
const watch = (login?: string) => createRefusalWatch({ manifest: manifest(login) });
const failure = (reason: string) => new HitagiError("PLUGIN_FAILED", { namespace: "reader", reason });

describe("a plugin's own text", () => {
  test.each<[string, number | undefined]>([
    ["Temporarily banned from EH for excessive pageloads.", undefined],
    [
      "Your IP address has been temporarily banned for excessive pageloads. The ban expires in 59 minutes and 48 seconds",
      59 * 60 + 48,
    ],
    ["Rate limited, try again in 2 hours.", 7200],
    ["You have reached the daily image limit", undefined],
    ["quota exceeded", undefined],
    ["The API answered 429", undefined],
    ["HTTP 503", undefined],
    ["Too Many Requests; retry after 30 seconds", 30],
  ])("that says %s is a refusal", (text, retryAfter) => {
    expect(watch().afterFailure(failure(text))).toEqual({
      code: "PLUGIN_LIMITED",
      reason: text,
      ...(retryAfter !== undefined && { retryAfter }),
    });
  });

  test.each([
    "no page",
    "gallery 429 was not found",
    "The plugin exceeded a limit: the answer is larger than 16777216 bytes",
    "the title is limited to 80 characters",
    "not logged in",
  ])("that says %s is none", (text) => {
    expect(watch().afterFailure(failure(text))).toBeUndefined();
  });

  test("about its login is of the login that it names", () => {
    for (const text of ["You are not logged in.", "Login failed", "the session has expired"]) {
      expect(watch("site-login").afterFailure(failure(text))).toMatchObject({
        code: "LOGIN_FAILED",
        reason: expect.stringContaining("site-login"),
      });
    }
  });
});

describe("an answer of a site", () => {
  test("counts where the plugin failed, with the time that it names", () => {
    for (const [status, ofArchive] of [
      [403, true],
      [429, undefined],
      [503, true],
    ] as const) {
      const seen = watch();
      seen.observer.onRefused({ host: "example.org", status, retryAfter: 90 });
      expect(seen.afterFailure(failure("no page"))).toEqual({
        ...{ code: "PLUGIN_LIMITED", reason: `example.org answered ${status}`, retryAfter: 90 },
        ...(ofArchive && { ofArchive }),
      });
      expect(seen.afterFailure(new HitagiError("ARCHIVE_BROKEN", { reason: "x" }))).toBeUndefined();
    }
  });

  test("counts where the plugin found nothing, if it asks for fewer requests", () => {
    for (const [status, isRefusal] of [
      [401, false],
      [403, false],
      [429, true],
      [503, true],
    ] as const) {
      const seen = watch();
      seen.observer.onRefused({ host: "example.org", status });
      expect(seen.afterNothing() !== undefined, `${status}`).toBe(isRefusal);
    }
  });

  test("that asks for a login is of the login, where the plugin has one", () => {
    const seen = watch("site-login");
    seen.observer.onRefused({ host: "example.org", status: 401 });
    expect(seen.afterFailure(failure("no page"))).toMatchObject({ code: "LOGIN_FAILED" });
    const without = watch();
    without.observer.onRefused({ host: "example.org", status: 401 });
    expect(without.afterFailure(failure("no page"))).toBeUndefined();
  });
});

test("a login that fails counts before all else", () => {
  const seen = watch("site-login");
  seen.observer.onLoginFailed(toNamespace("site-login"), failure("wrong password"));
  seen.observer.onRefused({ host: "example.org", status: 429 });
  const refusal = seen.afterFailure(failure("no page"));
  expect(refusal).toEqual({
    code: "LOGIN_FAILED",
    reason: "The login site-login does not work: wrong password",
  });
  expect(seen.afterNothing()).toEqual(refusal);
});
