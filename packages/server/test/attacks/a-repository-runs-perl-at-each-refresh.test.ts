import { existsSync } from "node:fs";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createVetFile } from "../../src/app/vet-file.ts";
import { noBubblewrap, noPerl, openPerl, perlText } from "../runtimes/perl/fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

const signal = AbortSignal.timeout(60_000);
/** A plugin that writes a file while it loads. */
const fileThatWrites = (mark: string): Buffer =>
  Buffer.from(perlText("return ();", { top: `open my $mark, '>', '${mark}';` }));

test.skipIf(noPerl)(
  `to make its index, where nothing confines perl: no file is loaded that was not chosen${noPerl ? `, skipped: ${noPerl}` : ""}`,
  async () => {
    const mark = path.join(await tempFolder(), "mark");
    const vet = createVetFile([openPerl({ bwrap: null })]);
    await expect(vet("Probe.pm", fileThatWrites(mark), signal)).rejects.toMatchObject({
      code: "RUNTIME_UNAVAILABLE",
      message: expect.stringMatching(/^Probe\.pm cannot run here: nothing confines perl here/),
    });
    expect(existsSync(mark)).toBe(false);
  },
);

test.skipIf(noBubblewrap)(
  `in bubblewrap: its files are loaded${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  async () => {
    const mark = path.join(await tempFolder(), "mark");
    const manifest = await createVetFile([openPerl()])("Probe.pm", fileThatWrites(mark), signal);
    expect(existsSync(mark)).toBe(false);
    expect(manifest).toMatchObject({ namespace: toNamespace("probe"), type: "script" });
  },
);
