import { Type } from "typebox";
import {
  FoundRegistry,
  Provider,
  RefreshOutcome,
  Registry,
  RegistryId,
  RegistryReference,
  skippedFields,
} from "../registries.ts";
import { RegistryIndex } from "../registry-index.ts";
import { Fingerprint } from "../registry-trust.ts";
import { answer, routes } from "./route.ts";

const id = Type.Object({ id: RegistryReference });

/** A registry's name is one line of text, because lists and terminals show it. */
const Name = Type.String({
  minLength: 1,
  maxLength: 1024,
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
  description: "The name that lists show.",
});
const Place = (description: string) => Type.String({ minLength: 1, maxLength: 4096, description });
const fields = {
  provider: Provider,
  url: Type.Optional(Place("The address of a repository or of a web folder.")),
  ref: Type.Optional(Place("The branch, tag or commit of a repository; its default branch where absent.")),
  path: Type.Optional(Place("A folder of the server's machine, of the provider `local`.")),
  folder: Type.Optional(Place("The folder of registry.json in a repository; absent for the root.")),
  lenient: Type.Optional(
    Type.Boolean({ description: "Whether a refresh skips invalid entries, instead of refusing the index." }),
  ),
  generateIndex: Type.Optional(
    Type.Boolean({
      description: "Whether the index is generated from the plugin files, where there is no registry.json.",
    }),
  ),
};
const NewFolder = Type.Unsafe<string | null>({
  type: ["string", "null"],
  minLength: 1,
  maxLength: 4096,
  description: "The folder of registry.json in a repository; null for the root.",
});
/** Never part of a response. */
const Secret = (maxLength: number, pattern: string, description: string) =>
  Type.Unsafe<string | null>({ type: ["string", "null"], minLength: 1, maxLength, pattern, description });
const secrets = {
  token: Type.Optional(
    Secret(
      4096,
      "^[\\u0021-\\u007e]+$",
      "For a private registry over https: printable characters without spaces. Null removes it.",
    ),
  ),
  user: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      pattern: "^[^:\\u0000-\\u001f\\u007f]+$",
      description: "For basic authentication over https, with the password.",
    }),
  ),
  password: Type.Optional(
    Secret(
      4096,
      "^[^\\u0000-\\u001f\\u007f]+$",
      "For basic authentication over https, with the user. Null removes it.",
    ),
  ),
  sshKey: Type.Optional(
    Secret(
      32_768,
      "^[\\s\\u0020-\\u007e]+$",
      "For a private registry over ssh: the text of a private key without a passphrase. Null removes it.",
    ),
  ),
};
const DefaultId = Type.Union([RegistryId, Type.Literal("")]);

export const registryRoutes = routes({
  listRegistries: {
    method: "GET",
    path: "/api/registries",
    operation: "list_registries",
    summary: "All registries, oldest first",
    tag: "registries",
    scope: "read",
    response: answer("list_registries", { registries: Type.Array(Registry) }),
  },
  createRegistry: {
    method: "POST",
    path: "/api/registries",
    operation: "create_registry",
    summary: "Add a registry; it offers nothing until it is refreshed, at once if the body says so",
    tag: "registries",
    scope: "manage",
    body: Type.Object(
      {
        name: Name,
        ...fields,
        ...secrets,
        key: Type.Optional(Fingerprint),
        refresh: Type.Optional(
          Type.Boolean({
            description: "Whether to fetch its index at once. The registry is added also if that fails.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: {
      name: "My plugins",
      provider: "github",
      url: "https://github.com/example/plugins",
      refresh: true,
    },
    response: answer("create_registry", {
      id: RegistryId,
      /** How the refresh ended, if one was asked for. */
      refresh: Type.Optional(RefreshOutcome),
    }),
  },
  testRegistry: {
    method: "POST",
    path: "/api/registries/test",
    scope: "manage",
    operation: "test_registry",
    summary: "Test an address, or the fields of a registry, without storing anything",
    tag: "registries",
    body: Type.Object(
      {
        address: Type.Optional(
          Place(
            "Anything that people paste: a repository, a folder in one, a web folder, a folder of the server's machine.",
          ),
        ),
        name: Type.Optional(Name),
        ...Type.Partial(Type.Object(fields)).properties,
        ...secrets,
        probe: Type.Optional(
          Type.Boolean({
            default: true,
            description: "False to say only what the address looks like, and send no request.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { address: "https://github.com/example/plugins" },
    response: answer("test_registry", { found: FoundRegistry }),
  },
  refreshRegistries: {
    method: "POST",
    path: "/api/registries/refresh",
    scope: "manage",
    operation: "refresh_registries",
    summary: "Refresh all registries at once; a failure does not stop the others",
    tag: "registries",
    response: answer("refresh_registries", { registries: Type.Array(RefreshOutcome) }),
  },
  getDefaultRegistry: {
    method: "GET",
    path: "/api/registries/ougi",
    operation: "get_ougi",
    summary: "The default registry's id, or an empty string",
    tag: "registries",
    scope: "read",
    response: answer("get_ougi", { id: DefaultId }),
  },
  setDefaultRegistry: {
    method: "PUT",
    path: "/api/registries/ougi/:id",
    operation: "update_ougi",
    summary: "Make a registry the default",
    tag: "registries",
    scope: "manage",
    params: id,
    response: answer("update_ougi", { id: RegistryId }),
  },
  clearDefaultRegistry: {
    method: "DELETE",
    path: "/api/registries/ougi",
    operation: "remove_ougi",
    summary: "Clear the default registry and return it",
    tag: "registries",
    scope: "manage",
    response: answer("remove_ougi", { id: DefaultId }),
  },
  getRegistry: {
    method: "GET",
    path: "/api/registries/:id",
    operation: "get_registry",
    summary: "One registry",
    tag: "registries",
    scope: "read",
    params: id,
    response: answer("get_registry", { registry: Registry }),
  },
  updateRegistry: {
    method: "PUT",
    path: "/api/registries/:id",
    operation: "update_registry",
    summary: "Change a registry; a new source deletes the cached index, another host the credential",
    tag: "registries",
    scope: "manage",
    params: id,
    body: Type.Partial(Type.Object({ name: Name, ...fields, folder: NewFolder, ...secrets }), {
      additionalProperties: false,
      minProperties: 1,
    }),
    example: { name: "My plugins", ref: "main" },
    response: answer("update_registry", { id: RegistryId }),
  },
  deleteRegistry: {
    method: "DELETE",
    path: "/api/registries/:id",
    operation: "delete_registry",
    summary: "Remove a registry; plugins installed from it stay",
    tag: "registries",
    scope: "manage",
    params: id,
    response: answer("delete_registry", { successMessage: Type.String() }),
  },
  refreshRegistry: {
    method: "POST",
    path: "/api/registries/:id/refresh",
    operation: "refresh_registry",
    summary: "Fetch and check registry.json",
    tag: "registries",
    scope: "manage",
    params: id,
    query: Type.Object({
      acceptOlder: Type.Optional(
        Type.Boolean({
          default: false,
          description: "Whether to take an index that was generated before the cached one.",
        }),
      ),
    }),
    response: answer("refresh_registry", {
      /** What is cached of it: all, but for what a lenient refresh skipped. */
      index: RegistryIndex,
      /** False where the source said that nothing changed. */
      changed: Type.Boolean(),
      ...skippedFields,
    }),
  },
});
