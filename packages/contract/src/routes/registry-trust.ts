import { Type } from "typebox";
import { RegistryReference, registryNames } from "../registries.ts";
import {
  Fingerprint,
  HeadEvidence,
  HeadRelation,
  RegistryKeys,
  RegistryTrust,
  SignaturePolicy,
} from "../registry-trust.ts";
import { Nullable } from "../scalars.ts";
import { answer, routes } from "./route.ts";

const id = Type.Object({ id: RegistryReference });

/** The rules for signatures, as calls answer them. */
export const signaturePolicyFields = {
  revision: Type.Integer(),
  ...SignaturePolicy.properties,
  ...registryNames,
};

/** The keys and heads of signed registries. */
export const registryTrustRoutes = routes({
  readRegistryKeys: {
    method: "POST",
    path: "/api/registries/:id/keys",
    operation: "read_registry_keys",
    summary:
      "The key that a registry is pinned to, beside the one that its address shows now; stores nothing",
    tag: "registries",
    scope: "manage",
    params: id,
    response: answer("read_registry_keys", RegistryKeys.properties),
  },
  trustRegistry: {
    method: "PUT",
    path: "/api/registries/:id/trust",
    operation: "trust_registry",
    summary: "Pin a registry to the key that its address shows now, and refresh it",
    tag: "registries",
    scope: "manage",
    params: id,
    body: Type.Object(
      {
        fingerprint: Type.Unsafe<string | null>({
          ...Nullable(Fingerprint),
          description: "The fingerprint that the owner compared; null for a registry that no longer signs.",
        }),
      },
      { additionalProperties: false },
    ),
    example: { fingerprint: "0f4f5d4f".repeat(8) },
    response: answer("trust_registry", { trust: RegistryTrust }),
  },
  moveRegistry: {
    method: "PUT",
    path: "/api/registries/:id/move",
    operation: "move_registry",
    summary:
      "Follow a registry to the address that its head names, if it shows the same keys there, and refresh it; or stay",
    tag: "registries",
    scope: "manage",
    params: id,
    body: Type.Object(
      {
        address: Type.String({
          minLength: 1,
          maxLength: 2400,
          description: "The registry's `trust.movedTo`, as the owner saw it.",
        }),
        follow: Type.Boolean({ description: "False to stay, and not to be offered this address again." }),
      },
      { additionalProperties: false },
    ),
    example: { address: "https://example.net/plugins", follow: true },
    response: answer("move_registry", { trust: RegistryTrust }),
  },
  compareHead: {
    method: "POST",
    path: "/api/registries/:id/compare",
    operation: "compare_head",
    summary:
      "How a head that another reader sees stands to the accepted one; the head is given, or read at an address",
    tag: "registries",
    scope: "manage",
    params: id,
    body: Type.Object(
      {
        head: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 131_072,
            description: "The text of the other registry.head.",
          }),
        ),
        address: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 2048,
            pattern: "^https?://",
            description:
              "Where the server reads the other head, instead of `head`: a registry.head, or a Hitagi server whose owner answers " +
              "other servers.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { head: "hitagi-head/v1\n…" },
    response: answer("compare_head", { relation: HeadRelation }),
  },
  listEvidence: {
    method: "GET",
    path: "/api/registries/:id/evidence",
    operation: "list_evidence",
    summary: "The signed heads of a registry that contradict each other, newest last",
    tag: "registries",
    scope: "read",
    params: id,
    response: answer("list_evidence", { evidence: Type.Array(HeadEvidence) }),
  },
  getRegistryHead: {
    method: "GET",
    path: "/api/registries/:id/head",
    operation: "get_registry_head",
    summary: "The accepted head of a registry: the signed note, and nothing else",
    tag: "registries",
    scope: "read",
    params: id,
    media: "text/plain",
    response: Type.String(),
  },
  getHead: {
    method: "GET",
    path: "/api/heads/:fingerprint",
    operation: "get_head",
    summary: "The accepted head of a registry that the caller knows, where the owner answers other servers",
    tag: "registries",
    open: true,
    params: Type.Object({ fingerprint: Fingerprint }),
    query: Type.Object({
      origin: Type.String({
        minLength: 1,
        maxLength: 200,
        description: "The registry's own name, such as `example.org/plugins`.",
      }),
    }),
    media: "text/plain",
    response: Type.String(),
  },
  getSignaturePolicy: {
    method: "GET",
    path: "/api/policy/signatures",
    operation: "get_signature_policy",
    summary: "Which registries must be signed, and whether other servers may ask for accepted heads",
    tag: "registries",
    scope: "read",
    response: answer("get_signature_policy", signaturePolicyFields),
  },
  updateSignaturePolicy: {
    method: "PUT",
    path: "/api/policy/signatures",
    operation: "update_signature_policy",
    summary: "Change the rules for signatures; rules that are left out stay",
    tag: "registries",
    scope: "manage",
    body: SignaturePolicy,
    example: { requireAll: true, exceptions: ["REG_1700000000"] },
    response: answer("update_signature_policy", signaturePolicyFields),
  },
});
