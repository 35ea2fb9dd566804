import { createClient } from "@hitagi/contract";
import { expect, test } from "vitest";
import { lent } from "../../bench/beside.ts";
import { benchRegistry } from "../../bench/plugins.ts";
import { startRemote } from "../library/lanraragi/open-remote.ts";

test("a server that is compared gets a registry, a plugin and archives, and loses them again when the work fails", async () => {
  const { address, apiKey } = await startRemote();
  const client = createClient(address, apiKey.key);
  const has = async () => ({
    registries: (await client.listRegistries({})).registries.length,
    plugins: (await client.listInstalled({})).plugins.map(({ namespace }) => namespace),
    archives: (await client.getInfo({})).total_archives,
  });
  const before = await has();
  const load = { registry: await benchRegistry(0), plugins: ["echo"], archives: 2 };
  const work = lent(client, load, async () => {
    expect(await has()).toEqual({
      registries: before.registries + 1,
      plugins: expect.arrayContaining(["echo"]),
      archives: before.archives + 2,
    });
    throw new Error("the work failed");
  });
  await expect(work).rejects.toThrow("the work failed");
  expect(await has()).toEqual(before);
  const none = lent(client, { ...load, plugins: ["echo", "absent"] }, async () => {});
  await expect(none).rejects.toThrow(/absent/);
  expect(await has()).toEqual(before);
});
