/**
 * What is wrong with the address of a registry on the web, in words that hold nothing of it, or undefined.
 * @param protocols those that are taken, with their colon
 */
export const webAddressFault = (text: string, ...protocols: string[]): string | undefined => {
  if (!URL.canParse(text)) return "url is not an address";
  const url = new URL(text);
  if (!protocols.includes(url.protocol)) {
    return `url must begin with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`;
  }
  if (url.username !== "" || url.password !== "") return "url must not contain a user name or password";
  if (/[?#]/.test(text)) return "url must be that of a folder, without a query or fragment";
  return undefined;
};
