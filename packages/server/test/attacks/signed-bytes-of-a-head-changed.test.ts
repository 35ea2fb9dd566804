import { expect, test } from "vitest";
import { openSigned, publication } from "../support/signed-registry.ts";

test.each(["sequence 2", "index sha256:0", "epoch 1", "time 2026"])(
  "a head whose line %j was changed after it was signed is refused, and what was accepted stays",
  async (line) => {
    const { source, refresh, offered, accepted } = await openSigned();
    const first = publication();
    source.show(first);
    await refresh();
    const second = publication({ after: first, offers: { echo: { "1.0.0": "one", "2.0.0": "two" } } });
    const [word = "", value = ""] = line.split(" ");
    const text = second.head.toString();
    const at = text.indexOf(`\n${word} ${value.slice(0, 4)}`) + 1;
    const end = text.indexOf("\n", at) - 1;
    const last = text[end] === "7" ? "8" : "7";
    source.show({ ...second, head: Buffer.from(`${text.slice(0, end)}${last}${text.slice(end + 1)}`) });
    await expect(refresh()).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:SIGNATURE_UNKNOWN|KEYS_NOT_CERTIFIED|HEAD_INVALID)$/),
    });
    expect(await offered()).toEqual(["1.0.0"]);
    expect((await accepted())?.sequence).toBe(1);
  },
);
