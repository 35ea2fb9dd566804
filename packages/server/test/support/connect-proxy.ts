import { type AddressInfo, connect, createServer } from "node:net";
import { onTestFinished } from "vitest";

/** A proxy that connects each requested name to one port of this machine, and keeps the first line of each request. */
export const proxyTo = async (target: string) => {
  const asked: string[] = [];
  const server = createServer((client) => {
    client.once("data", (head) => {
      asked.push(head.toString().split("\r\n")[0] ?? "");
      const upstream = connect(Number(new URL(target).port), "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        client.pipe(upstream).pipe(client);
      });
      upstream.on("error", () => client.destroy());
      client.on("error", () => upstream.destroy());
      client.on("close", () => upstream.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { asked, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};
