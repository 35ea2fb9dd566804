import { HitagiError, type RegistryTrust, type SignaturePolicy } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { signaturePolicy } from "../../catalog/trust/signature-policy.ts";
import type { StoredDocument } from "../../documents/documents.ts";
import type { Services } from "../../services.ts";
import { namesById, registryNames } from "../name-registries.ts";
import { disconnectSignal, handle, handleRaw } from "../route.ts";

const describe = async (services: Services, { value, revision }: StoredDocument<SignaturePolicy>) => {
  const ids = [...(value.registries ?? []), ...(value.exceptions ?? [])];
  return { revision, ...value, registryNames: namesById(await registryNames(services), ids) };
};

/** The rules for signatures with the names of what they name. */
export const describeSignaturePolicy = async (services: Services) =>
  describe(services, await services.documents.read(signaturePolicy));

/** The keys and heads of signed registries. */
export const registryTrustRoutes = (app: FastifyInstance, services: Services): void => {
  const { trustDecisions, registries, probeRegistry, catalog, documents } = services;

  const trustOf = async (id: string): Promise<{ trust: RegistryTrust }> => {
    const { trust } = await registries.get(id);
    if (trust === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    return { trust };
  };

  handle(app, "readRegistryKeys", ({ params }, { reply }) =>
    trustDecisions.keys(params.id, disconnectSignal(reply)),
  );
  handle(app, "trustRegistry", async ({ params, body }, { reply }) => {
    const signal = disconnectSignal(reply);
    await trustDecisions.decide(params.id, body.fingerprint, signal);
    await catalog.refresh(params.id, signal);
    return trustOf(params.id);
  });
  handle(app, "moveRegistry", async ({ params: { id }, body: { address, follow } }, { reply }) => {
    const signal = disconnectSignal(reply);
    if (!follow) {
      await trustDecisions.declineMove(id, address);
      return trustOf(id);
    }
    const { provider, url, ref, path, folder = null } = await probeRegistry({ address }, undefined, signal);
    const place = { provider, url, ref, path, folder };
    await trustDecisions.checkMove(id, address, place, signal);
    await registries.update(id, place);
    await catalog.refresh(id, signal);
    return trustOf(id);
  });
  handle(app, "compareHead", async ({ params, body: { head, address } }, { reply }) => {
    if ((head === undefined) === (address === undefined))
      throw new HitagiError("VALIDATION_FAILED", { reason: "give either head or address" });
    if (address !== undefined && !URL.canParse(address))
      throw new HitagiError("VALIDATION_FAILED", { reason: "the address is none" });
    const other = head ?? new URL(address ?? "");
    return { relation: await trustDecisions.compare(params.id, other, disconnectSignal(reply)) };
  });
  handle(app, "listEvidence", async ({ params }) => ({
    evidence: await trustDecisions.evidence(params.id),
  }));

  handleRaw(app, "getRegistryHead", async ({ params }, { reply }) =>
    reply.type("text/plain; charset=utf-8").send(await trustDecisions.head(params.id)),
  );
  handleRaw(app, "getHead", async ({ params, query }, { request, reply }) => {
    const { answerHeads = false } = (await documents.read(signaturePolicy)).value;
    const head = answerHeads ? await trustDecisions.headOf(query.origin, params.fingerprint) : undefined;
    // The same answer as for a call that there is not: it tells nothing of this server.
    if (head === undefined)
      throw new HitagiError("ROUTE_NOT_FOUND", { method: request.method, path: "/api/heads" });
    return reply.type("text/plain; charset=utf-8").send(head);
  });

  handle(app, "getSignaturePolicy", () => describeSignaturePolicy(services));
  handle(app, "updateSignaturePolicy", async ({ body }) =>
    describe(services, await documents.change(signaturePolicy, ({ value }) => ({ ...value, ...body }))),
  );
};
