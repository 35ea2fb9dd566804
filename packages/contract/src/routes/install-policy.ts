import { Type } from "typebox";
import { AgeHours, InstallPolicy, NamedRegistry, ShownMinimumAge } from "../install-policy.ts";
import { RuntimeName } from "../plugins.ts";
import { RegistryId } from "../registries.ts";
import { PluginType } from "../registry-index.ts";
import { Nullable } from "../scalars.ts";
import { answer, routes } from "./route.ts";

const { age: _, registries: __, ...rules } = InstallPolicy.properties;

/** The rules for installs, as calls answer them. */
export const installPolicyFields = {
  /** Grows with each change; 0 before the first. */
  revision: Type.Integer(),
  age: ShownMinimumAge,
  /** The registries that plugins may come from; null for all. */
  registries: Nullable(Type.Array(NamedRegistry)),
  ...rules,
};

const exceptions = (description: string) =>
  Type.Optional(
    Type.Record(Type.String({ maxLength: 64 }), Type.Union([AgeHours, Type.Null()]), { description }),
  );

const anyOrThese = <T extends Parameters<typeof Type.Array>[0]>(item: T, maxItems: number, what: string) =>
  Type.Optional(
    Type.Union([Type.Array(item, { maxItems, uniqueItems: true }), Type.Null()], {
      description: `The ${what} that may be installed; null for all.`,
    }),
  );

/** The owner's rules for what may be installed, and when updates take a version. */
export const installPolicyRoutes = routes({
  getInstallPolicy: {
    method: "GET",
    path: "/api/policy/installs",
    operation: "get_install_policy",
    summary: "What may be installed, and how long a version must be known before an update takes it",
    tag: "plugins",
    scope: "read",
    response: answer("get_install_policy", installPolicyFields),
  },
  changeInstallPolicy: {
    method: "PUT",
    path: "/api/policy/installs",
    operation: "change_install_policy",
    summary:
      "Change the rules for what may be installed; what is absent stays. They count for previews, installs, upgrades, rollbacks, " +
      "automatic updates and files; what is installed already stays",
    tag: "plugins",
    scope: "manage",
    body: Type.Object(
      {
        age: Type.Optional(
          Type.Object(
            {
              hours: Type.Optional(AgeHours),
              manual: Type.Optional(Type.Boolean()),
              plugins: exceptions("Other hours by namespace; null removes them."),
              registries: exceptions("Other hours by the id of a registry; null removes them."),
            },
            {
              additionalProperties: false,
              minProperties: 1,
              description:
                "The hours that a version must be known to the server before automatic updates take it; with `manual` also before " +
                "an upgrade or an install that names no version.",
            },
          ),
        ),
        registries: anyOrThese(RegistryId, 1000, "registries whose plugins"),
        types: anyOrThese(PluginType, 4, "types of plugins"),
        runtimes: anyOrThese(RuntimeName, 2, "runtimes whose plugins"),
        unsigned: Type.Optional(
          Type.Boolean({ description: "Whether plugins may come from registries without a signed head." }),
        ),
        sideloaded: Type.Optional(
          Type.Boolean({ description: "Whether plugins may be installed from files." }),
        ),
        revision: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: Number.MAX_SAFE_INTEGER,
            description: "Refuses the change if the policy has another revision by now.",
          }),
        ),
      },
      { additionalProperties: false, minProperties: 1 },
    ),
    example: { age: { hours: 48, plugins: { "title-cleaner": 0 } }, sideloaded: false },
    response: answer("change_install_policy", installPolicyFields),
  },
});
