import { Type } from "typebox";
import {
  FoundRegistry,
  Provider,
  RefreshOutcome,
  Registry,
  RegistryId,
  skippedFields,
} from "../registries.ts";
import { RegistryIndex } from "../registry-index.ts";
import { answer, routes } from "./route.ts";

const id = Type.Object({ id: RegistryId });

/** A registry's name is one line of text, because lists and terminals show it. */
const Name = Type.String({
  minLength: 1,
  maxLength: 1024,
  pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
});
const Place = Type.String({ minLength: 1, maxLength: 4096 });
const fields = {
  provider: Provider,
  url: Type.Optional(Place),
  ref: Type.Optional(Place),
  path: Type.Optional(Place),
  folder: Type.Optional(Place),
  lenient: Type.Optional(Type.Boolean()),
  generateIndex: Type.Optional(Type.Boolean()),
};
/** Null removes it. */
const NewFolder = Type.Unsafe<string | null>({ type: ["string", "null"], minLength: 1, maxLength: 4096 });
/** Never part of a response. Null removes it. */
const Secret = (maxLength: number, pattern: string) =>
  Type.Unsafe<string | null>({ type: ["string", "null"], minLength: 1, maxLength, pattern });
const secrets = {
  /** For a private registry over https: printable characters without spaces. */
  token: Type.Optional(Secret(4096, "^[\\u0021-\\u007e]+$")),
  /** For basic authentication over https, with the password. */
  user: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, pattern: "^[^:\\u0000-\\u001f\\u007f]+$" }),
  ),
  password: Type.Optional(Secret(4096, "^[^\\u0000-\\u001f\\u007f]+$")),
  /** For a private registry over ssh: the text of a private key without a passphrase. */
  sshKey: Type.Optional(Secret(32_768, "^[\\s\\u0020-\\u007e]+$")),
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
        /** Whether to fetch its index at once. It is added also if that fails. */
        refresh: Type.Optional(Type.Boolean()),
      },
      { additionalProperties: false },
    ),
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
        /** Anything that people paste: a repository, a folder in one, a web folder, a folder of the server's machine. */
        address: Type.Optional(Place),
        name: Type.Optional(Name),
        ...Type.Partial(Type.Object(fields)).properties,
        ...secrets,
        /** False to say only what the address looks like, and send no request. */
        probe: Type.Optional(Type.Boolean({ default: true })),
      },
      { additionalProperties: false },
    ),
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
      /** Takes an index that was generated before the cached one. */
      acceptOlder: Type.Optional(Type.Boolean({ default: false })),
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
