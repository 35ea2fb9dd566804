import { once } from "node:events";
import { connect } from "node:net";
import { localSocket } from "../data-folder/local-socket.ts";
import { loadUndici } from "../net/undici.ts";

const isAlive = async (file: string): Promise<boolean> => {
  const socket = connect(file);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** The form as a stream: undici does not know the form data of the platform. */
const encoded = ({ body, headers, ...rest }: RequestInit): RequestInit => {
  if (!(body instanceof FormData)) return { ...rest, ...(headers && { headers }), ...(body && { body }) };
  const form = new Response(body);
  const type = form.headers.get("content-type") ?? "";
  const streamed = { ...rest, headers: { ...(headers as Record<string, string>), "content-type": type } };
  return { ...streamed, body: form.body, duplex: "half" } as RequestInit;
};

/** A fetch to the server that runs on a data folder, over its Unix socket; undefined if none listens there. */
export const localFetch = async (data: string): Promise<typeof fetch | undefined> => {
  const socketPath = localSocket(data);
  if (socketPath === undefined || !(await isAlive(socketPath))) return undefined;
  // Other connections use the platform's fetch.
  const undici = await loadUndici();
  const dispatcher = new undici.Agent({ connect: { socketPath } });
  const send = undici.fetch as unknown as typeof fetch;
  return (input, init = {}) => send(input, { ...encoded(init), dispatcher } as unknown as RequestInit);
};
