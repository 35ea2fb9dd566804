import { existsSync } from "node:fs";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createLoadFile } from "../../src/app/vet-file.ts";
import { noBubblewrap, noPerl, openPerl, perlText } from "../runtimes/perl/fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

const signal = AbortSignal.timeout(60_000);
/** A plugin that writes a file while it loads. */
const fileThatWrites = (mark: string): Buffer =>
  Buffer.from(perlText("return ();", { top: `open my $mark, '>', '${mark}';` }));

test.skipIf(noPerl)(
  `where nothing confines perl: the plan of a sync loads no file of a registry that is yet to be added${noPerl ? `, skipped: ${noPerl}` : ""}`,
  async () => {
    const mark = path.join(await tempFolder(), "mark");
    const load = createLoadFile([openPerl({ bwrap: null })]);
    expect(await load("Probe.pm", fileThatWrites(mark), signal)).toEqual({
      manifest: undefined,
      runtime: "perl",
    });
    expect(existsSync(mark)).toBe(false);
  },
);

test.skipIf(noBubblewrap)(
  `in bubblewrap: the plan loads it${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  async () => {
    const mark = path.join(await tempFolder(), "mark");
    const { manifest } = await createLoadFile([openPerl()])("Probe.pm", fileThatWrites(mark), signal);
    expect(existsSync(mark)).toBe(false);
    expect(manifest).toMatchObject({ namespace: toNamespace("probe"), type: "script" });
  },
);
