import { Type } from "typebox";
import { Epoch } from "../scalars.ts";
import { SessionInfo, signedIn } from "../sessions.ts";
import { answer, routes } from "./route.ts";

const byId = Type.Object({
  id: Type.String({ pattern: "^[0-9a-f]{16}$", description: "The id of the session." }),
});

/** Sessions of browsers. All other calls take a session's cookie in place of a key. */
export const sessionRoutes = routes({
  getSession: {
    method: "GET",
    path: "/api/session",
    operation: "get_session",
    summary: "The session of this browser. Renews its cookie from time to time",
    tag: "keys",
    open: true,
    response: answer("get_session", signedIn),
  },
  signIn: {
    method: "POST",
    path: "/api/session",
    operation: "sign_in",
    summary: "Start a session with an API key, which the header Authorization has; its cookie is set",
    tag: "keys",
    scope: "read",
    response: answer("sign_in", signedIn),
  },
  signOut: {
    method: "DELETE",
    path: "/api/session",
    operation: "sign_out",
    summary: "End the session of this browser",
    tag: "keys",
    scope: "read",
    response: answer("sign_out", { successMessage: Type.String() }),
  },
  acceptInvite: {
    method: "POST",
    path: "/api/session/invite",
    operation: "accept_invite",
    summary: "Start a session with a code of create_invite, which is used up; its cookie is set",
    tag: "keys",
    open: true,
    body: Type.Object(
      { code: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$", description: "The code." }) },
      { additionalProperties: false },
    ),
    example: { code: "q83v_example_example_example_example_exampl" },
    response: answer("accept_invite", signedIn),
  },
  listSessions: {
    method: "GET",
    path: "/api/sessions",
    operation: "list_sessions",
    summary:
      "The sessions of this request's key, or of all keys where it has the scope manage, the latest first",
    tag: "keys",
    scope: "read",
    response: answer("list_sessions", { sessions: Type.Array(SessionInfo) }),
  },
  createInvite: {
    method: "POST",
    path: "/api/sessions/invite",
    operation: "create_invite",
    summary: "Make a code with which another browser signs in once, with the rights of this request's key",
    tag: "keys",
    scope: "read",
    response: answer("create_invite", {
      code: Type.String(),
      expires: Epoch,
      /** The address to open there; its fragment is the code, so that no server's log has it. */
      address: Type.String(),
    }),
  },
  endSession: {
    method: "DELETE",
    path: "/api/sessions/:id",
    operation: "end_session",
    summary: "End a session: one of this request's key, or any where it has the scope manage",
    tag: "keys",
    scope: "read",
    params: byId,
    response: answer("end_session", { successMessage: Type.String() }),
  },
});
