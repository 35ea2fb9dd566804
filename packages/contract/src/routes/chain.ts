import { Type } from "typebox";
import { ChainStep, ChainTrial, ShownChainStep } from "../chain.ts";
import { described } from "../scalars.ts";
import { answer, routes } from "./route.ts";

const chain = {
  /** Grows with each change of conditions; 0 before the first. */
  revision: Type.Integer(),
  steps: Type.Array(ShownChainStep),
};

export const chainRoutes = routes({
  getChain: {
    method: "GET",
    path: "/api/chain",
    operation: "get_chain",
    summary: "The enabled metadata plugins in the order in which they run on archives, with their conditions",
    tag: "plugins",
    scope: "read",
    response: answer("get_chain", chain),
  },
  putChain: {
    method: "PUT",
    path: "/api/chain",
    operation: "update_chain",
    summary:
      "Replace the chain: enables these metadata plugins in this order, with these conditions, and disables all others",
    tag: "plugins",
    scope: "manage",
    body: Type.Object(
      {
        steps: Type.Array(ChainStep, { maxItems: 200, description: "All steps in their order." }),
        revision: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: Number.MAX_SAFE_INTEGER,
            description: "Refuses the change if the chain has another revision by now.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: {
      steps: [
        { plugin: "comic-info", ends_on_hit: true },
        { plugin: "filename-parse", when: { untagged: ["artist:*"] } },
      ],
    },
    response: answer("update_chain", chain),
  },
  tryChain: {
    method: "POST",
    path: "/api/chain/try",
    operation: "try_chain",
    summary: "Run the chain on an archive without a change of it, and show what each step would do",
    tag: "plugins",
    scope: "use",
    query: Type.Object({
      id: described("The id of the archive.", Type.String({ minLength: 1, maxLength: 128 })),
    }),
    response: answer("try_chain", { trial: ChainTrial }),
  },
});
