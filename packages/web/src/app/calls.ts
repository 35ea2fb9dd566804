import type { OperationId } from "@hitagi/contract";
import {
  QueryClient,
  type QueryKey,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback } from "react";
import { showFault, showToast, type Toast } from "../design/toast.tsx";
import { type CallInput, type CallOutput, client, codeOf, isUnreachable } from "./client.ts";

/** Failures that another try does not cure are shown at once; a server that is away is waited for. */
const retry = (count: number, error: unknown): boolean => isUnreachable(error) && count < 1000;

/** A session that has ended shows the sign-in again, and what was typed stays below it. */
const onFailure = (error: unknown): void => {
  if (codeOf(error) === "UNAUTHORIZED") void queries.invalidateQueries({ queryKey: ["getSession"] });
};

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry,
      retryDelay: (count) => Math.min(500 * 2 ** count, 4000),
      // Events say what changed. What has none is asked for again when the window is looked at.
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      networkMode: "always",
    },
    mutations: { networkMode: "always", retry: false },
  },
});
queries.getQueryCache().config.onError = onFailure;
queries.getMutationCache().config.onError = onFailure;

/** The key of a call in the cache: its operation first, so that an event can say which calls it concerns. */
export const keyOf = <O extends OperationId>(id: O, input: CallInput<O>): QueryKey => [id, input];

/** A call as TanStack Query takes it, for `useQuery`, `useQueries` and `useInfiniteQuery`. */
export const callOptions = <O extends OperationId>(id: O, input: CallInput<O>) =>
  queryOptions<CallOutput<O>>({
    queryKey: keyOf(id, input),
    queryFn: ({ signal }) => client[id]({ ...input, signal }) as Promise<CallOutput<O>>,
  });

/**
 * The answer of a call, which is asked for again when an event says that it changed.
 *
 *     const { data, error, refetch } = useCall("getInstalled", { params: { namespace } });
 */
export const useCall = <O extends OperationId>(
  id: O,
  input: CallInput<O>,
  options: { enabled?: boolean } = {},
) => useQuery({ ...callOptions(id, input), ...options });

interface Ending<O extends OperationId> {
  /** What a toast says when it is done, with how to undo it. */
  done?: string | ((answer: CallOutput<O>) => Toast | undefined);
  undo?: () => Promise<unknown>;
}

/**
 * A call that changes something. It shows its failure as a toast, unless the caller shows `error` itself.
 *
 *     const change = useChange("configurePlugin");
 *     void change.run({ params, body: { enabled: false } }, { done: t("plugins.disabled", { name }), undo });
 */
export const useChange = <O extends OperationId>(
  id: O,
  { showsError = false }: { showsError?: boolean } = {},
) => {
  const cache = useQueryClient();
  const { mutateAsync, isPending, error, reset } = useMutation<CallOutput<O>, Error, CallInput<O>>({
    mutationFn: (input) => client[id](input) as Promise<CallOutput<O>>,
    onSettled: () => cache.invalidateQueries(),
  });
  /** @returns the answer; undefined if the call failed */
  const run = useCallback(
    async (input: CallInput<O>, { done, undo }: Ending<O> = {}): Promise<CallOutput<O> | undefined> => {
      try {
        const answer = await mutateAsync(input);
        const toast = typeof done === "function" ? done(answer) : done && { text: done };
        const takeBack = undo && (() => undo().finally(() => cache.invalidateQueries()));
        if (toast) showToast({ ...toast, ...(takeBack && { undo: takeBack }) });
        return answer;
      } catch (thrown) {
        if (!showsError) showFault(thrown);
        return undefined;
      }
    },
    [cache, mutateAsync, showsError],
  );
  return { run, busy: isPending, error, reset };
};
