import type * as contract from "@hitagi/contract";
import { expectTypeOf, test } from "vitest";
import type { Manifest, Parameter, PluginType, RequestedPermissions } from "../src/manifest.ts";

test("the SDK's types of a manifest, which need no other package, are those of the contract", () => {
  expectTypeOf<Manifest>().toEqualTypeOf<contract.Manifest>();
  expectTypeOf<Parameter>().toEqualTypeOf<contract.Parameter>();
  expectTypeOf<PluginType>().toEqualTypeOf<contract.PluginType>();
  expectTypeOf<RequestedPermissions>().toEqualTypeOf<contract.RequestedPermissions>();
});
