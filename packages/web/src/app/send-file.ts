import { ApiError, type Failure, HitagiError } from "@hitagi/contract";
import { csrfHeaders } from "./client.ts";

interface Sending {
  method: "POST" | "PUT";
  address: string;
  headers?: Record<string, string>;
  /** Called with the bytes that were sent. */
  onSent: (bytes: number) => void;
  /** Called when all bytes were sent, and the server looks at them. */
  onAllSent: () => void;
  signal?: AbortSignal;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

/**
 * Sends a file as a form. XMLHttpRequest tells how much was sent; fetch does not.
 * @returns the answer
 * @throws ApiError, HitagiError SERVER_UNREACHABLE; an AbortError after the signal
 */
export const sendFile = (
  file: File,
  { method, address, headers = {}, onSent, onAllSent, signal }: Sending,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    for (const [name, value] of Object.entries({ ...headers, ...csrfHeaders() }))
      request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.upload.onload = onAllSent;
    request.onabort = () => reject(new DOMException("The sending was cancelled.", "AbortError"));
    request.onerror = () => reject(new HitagiError("SERVER_UNREACHABLE", { url: location.origin }));
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status === 200) resolve(answer);
      else reject(new ApiError(request.status, answer as Failure));
    };
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
