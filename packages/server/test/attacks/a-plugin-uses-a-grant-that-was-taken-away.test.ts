import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { serve } from "../runtimes/broker/fixture.ts";
import { noBubblewrap, openPerl, perlText } from "../runtimes/perl/fixture.ts";

/** A site that has the owner take the grant away while it answers `/first`. */
const siteThat = async (takeAway: () => Promise<unknown>) =>
  serve((request, response) => {
    const answer = async () => {
      if (request.url === "/first") await takeAway();
      response.end("ok");
    };
    void answer();
  });

test("in the middle of a call: its next request is refused", async () => {
  const { plugins, sideload } = await openPlugins();
  const site = await siteThat(() => plugins.grant("probe", {}));
  const body = `const first = (await fetch("${site.url}/first")).status;
    return { first, second: await fetch("${site.url}/second").catch((e) => e.message) };`;
  await sideload(
    pluginSource({ namespace: "probe", type: "script", permissions: { net: [site.host] } }, body),
  );
  expect((await plugins.use({ namespace: "probe" })).data).toEqual({
    first: 200,
    second: "The plugin may not use the network: no host is granted",
  });
  expect(site.requests.map(({ url }) => url)).toEqual(["/first"]);
});

test("and writes to the library: the next change is refused", async () => {
  const { plugins, sideload, addArchive, library } = await openPlugins();
  const { id } = await addArchive("a");
  const body = `await ctx.library.update("${id}", { tags: ["one"] });
    for (;;) { try { await ctx.library.update("${id}", { tags: ["two"] }); } catch (e) { return { refused: e.message } } }`;
  await sideload(
    pluginSource({ namespace: "probe", type: "script", permissions: { library: "write" } }, body),
  );
  const call = plugins.use({ namespace: "probe" });
  await expect.poll(async () => (await library.get(id)).tags).toBe("two");
  await plugins.grant("probe", {});
  expect((await call).data).toEqual({ refused: expect.stringContaining("not granted") });
});

test.skipIf(noBubblewrap)(
  `in Perl: the next request is answered with 403${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  async () => {
    const { plugins, broker, write } = await openPlugins({ runtimes: [openPerl()] });
    const site = await siteThat(() => plugins.grant("probe", {}));
    const body = `my @seen = map { $info->{user_agent}->get("${site.url}/$_")->res->code } qw(first second);
      return (seen => \\@seen);`;
    const text = perlText(body, { info: `permissions => { net => ["${site.host}"] },` });
    await write("plugins/Sideloaded/Probe.pm", text.replace("Managed::Scripts", "Sideloaded"));
    await plugins.scan();
    await plugins.grant("probe");
    expect((await plugins.use({ namespace: "probe" })).data).toEqual({ seen: ["200", "403"] });
    expect(site.requests.map(({ url }) => url)).toEqual(["/first"]);
    const [refused] = await broker.networkLog(toNamespace("probe"));
    expect(refused).toMatchObject({ url: `${site.url}/second`, outcome: "CAPABILITY_DENIED" });
  },
);

test.skipIf(noBubblewrap)(
  `and runs a script of another plugin: it is refused${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  async () => {
    const { plugins, write } = await openPlugins({ runtimes: [openPerl()] });
    const site = await siteThat(() => plugins.grant("probe", { net: [site.host], library: "read" }));
    const body = `$info->{user_agent}->get("${site.url}/first");
      my (undef, $result) = LANraragi::Utils::Plugins::use_plugin("probe");
      return (said => $result->{error});`;
    const info = `permissions => { net => ["${site.host}"], library => "write" },`;
    const text = perlText(body, { info, top: "use LANraragi::Utils::Plugins;" });
    await write("plugins/Sideloaded/Probe.pm", text.replace("Managed::Scripts", "Sideloaded"));
    await plugins.scan();
    await plugins.grant("probe");
    expect((await plugins.use({ namespace: "probe" })).data).toEqual({
      said: expect.stringContaining("it is a script, and library write is not granted"),
    });
  },
);
