import { Type } from "typebox";
import { AddressReader, SourceCounts } from "../addresses.ts";
import { answer, routes } from "./route.ts";

/** An address of a web page, with or without its scheme. */
export const WebAddress = Type.String({
  minLength: 1,
  maxLength: 8192,
  description: "The address of a web page, with or without its scheme.",
});

export const addressRoutes = routes({
  listAddressReaders: {
    method: "GET",
    path: "/api/plugins/addresses",
    operation: "list_address_readers",
    summary:
      "The metadata plugins that read addresses, or with `url` those that read this one; the first is used. Plugins that can run come first, " +
      "of these the enabled ones in their order, then the others by namespace",
    tag: "plugins",
    scope: "read",
    query: Type.Object({ url: Type.Optional(WebAddress) }),
    response: answer("list_address_readers", { plugins: Type.Array(AddressReader) }),
  },
  countSources: {
    method: "POST",
    path: "/api/plugins/addresses/sources",
    operation: "count_sources",
    summary:
      "Count what a batch by source would do: the archives by the plugin that reads their `source:` tag",
    tag: "plugins",
    scope: "read",
    body: Type.Object(
      {
        ids: Type.Optional(
          Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
            minItems: 1,
            maxItems: 100_000,
            description: "The ids of the archives; all archives where absent.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { ids: ["0123456789abcdef0123456789abcdef01234567"] },
    response: answer("count_sources", { counts: SourceCounts }),
  },
});
