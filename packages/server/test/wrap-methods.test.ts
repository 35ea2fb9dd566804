import { expect, expectTypeOf, test } from "vitest";
import type { Catalog, Registries } from "../src/catalog/types.ts";
import type { Installer } from "../src/install/types.ts";
import type { Library } from "../src/library/types.ts";
import type { Plugins } from "../src/plugins/types.ts";
import type { JobStore, Store } from "../src/store/types.ts";
import { type MethodWrappers, wrapMethods } from "../src/wrap-methods.ts";

interface Example {
  readonly size: number;
  add(name: string): string;
  remove?(name: string): string;
}

const wrappers: MethodWrappers<Example> = {
  size: "unchanged",
  add: (add) => (name) => add(name.toUpperCase()),
  remove: (remove) => (name) => remove(name.toUpperCase()),
};

test("wraps the methods that have a wrapper, and leaves an absent one absent", () => {
  const plain: Example = { size: 1, add: (name) => `added ${name}` };
  const wrapped = wrapMethods(plain, wrappers);
  expect(wrapped.add("a")).toBe("added A");
  expect(plain.add("a")).toBe("added a");
  expect(wrapped.size).toBe(1);
  expect(wrapped).not.toHaveProperty("remove");
  expect(wrapMethods({ ...plain, remove: (name) => name }, wrappers).remove?.("a")).toBe("A");
});

interface Mutation {
  purge(): Promise<void>;
}
/** Whether wrappers that are complete for `T` are refused for a `T` with another method. */
type RefusesNewMethod<T> = MethodWrappers<T> extends MethodWrappers<T & Mutation> ? false : true;

test("a new method that no wrapper lists does not compile", () => {
  // @ts-expect-error `purge` is not listed
  const incomplete: MethodWrappers<Example & Mutation> = wrappers;
  expect(incomplete).toBe(wrappers);
  expectTypeOf<RefusesNewMethod<Installer>>().toEqualTypeOf<true>();
  expectTypeOf<RefusesNewMethod<Plugins>>().toEqualTypeOf<true>();
  expectTypeOf<RefusesNewMethod<Catalog>>().toEqualTypeOf<true>();
  expectTypeOf<RefusesNewMethod<Registries>>().toEqualTypeOf<true>();
  expectTypeOf<RefusesNewMethod<Library>>().toEqualTypeOf<true>();
  expectTypeOf<RefusesNewMethod<JobStore>>().toEqualTypeOf<true>();
  expectTypeOf<RefusesNewMethod<Store>>().toEqualTypeOf<true>();
});
