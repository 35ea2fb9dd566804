import { includesScope, type Scope, type SessionInfo } from "@hitagi/contract";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { createContext, use } from "react";
import { queries } from "../app/calls.ts";
import { type CallOutput, client, keepCsrf } from "../app/client.ts";

/** What the server says of the browser, without the name of the call that it answers. */
export type SignedIn = Omit<CallOutput<"getSession">, "operation" | "success" | "error">;

/** How often the page asks for its session, so that the server can renew its cookie. */
const EVERY_MS = 3_600_000;

const sessionOptions = queryOptions({
  queryKey: ["getSession"],
  queryFn: async (): Promise<SignedIn> => {
    const answer = await client.getSession({});
    keepCsrf(answer.csrf);
    return answer;
  },
  staleTime: EVERY_MS,
  refetchInterval: EVERY_MS,
});

/** The session of this browser, as the server says. */
export const useSignedIn = () => useQuery(sessionOptions);

/** Takes over a session that just began. What was asked for before belongs to no one now. */
export const takeSession = (answer: SignedIn): void => {
  keepCsrf(answer.csrf);
  queries.setQueryData(sessionOptions.queryKey, answer);
  void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "getSession" });
};

const Current = createContext<SessionInfo | null>(null);
export const CurrentSession = Current.Provider;

/** The session; only below the sign-in. */
export const useSession = (): SessionInfo => {
  const session = use(Current);
  if (session === null) throw new Error("There is no session here.");
  return session;
};

/** Whether the session's key may make calls of a scope. What it may not do is not shown. */
export const useMay = (scope: Scope): boolean => includesScope(useSession().scope, scope);

/** Ends the session of this browser. */
export const signOut = async (): Promise<void> => {
  await client.signOut({});
  keepCsrf(null);
  queries.clear();
  location.assign("/");
};
