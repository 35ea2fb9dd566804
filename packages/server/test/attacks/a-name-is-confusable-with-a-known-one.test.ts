import { expect, test } from "vitest";
import { openTestServer } from "../http/test-server.ts";
import { openWorld } from "../install/install-world.ts";
import { offered } from "../install/plugin-source.ts";

test("a plugin of another registry whose name looks like an installed one's is told in its preview, and not refused", async () => {
  const world = await openWorld([offered("title-cleaner", ["1.0.0"])]);
  await world.install("title-cleaner");
  const other = await world.addRegistry([offered("title-c1eaner", ["1.0.0"])]);
  const { conflicts, warnings } = await other.plan("title-c1eaner");
  expect([conflicts, warnings.map(({ code }) => code)]).toEqual([[], ["NAMESPACE_LOOKS_LIKE"]]);
  expect((await other.install("title-c1eaner")).version).toBe("1.0.0");
});

test("a registry on a host that looks like a known one's is told when its address is tested", async () => {
  const server = await openTestServer();
  try {
    const fields = { name: "Comics", provider: "cdn", url: "https://plugins.example.org" };
    await server.call("createRegistry", { body: fields });
    const warningsOf = async (address: string) => {
      const { body } = await server.call("testRegistry", { body: { address, probe: false } });
      return (body.found.warnings ?? []).map(({ code }: { code: string }) => code);
    };
    expect(await warningsOf("https://plugins.exarnple.org/registry.json")).toEqual(["ADDRESS_LOOKS_LIKE"]);
    expect(await warningsOf("https://plugins.example.org/other/registry.json")).toEqual([]);
  } finally {
    await server.close();
  }
});
