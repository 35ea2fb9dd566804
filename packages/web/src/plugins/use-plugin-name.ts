import { useMemo } from "react";
import { useCall } from "../app/calls.ts";

/** The function that names an installed plugin as a person knows it; one that is not installed by its namespace. */
export const usePluginName = (): ((namespace: string) => string) => {
  const { data } = useCall("listInstalled", {});
  const names = useMemo(
    () => new Map(data?.plugins.map(({ namespace, name }) => [String(namespace), name])),
    [data],
  );
  return (namespace) => names.get(namespace) ?? namespace;
};
