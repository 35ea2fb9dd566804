/** Validates a registry's web address. @returns the problem in words that quote nothing of it, or undefined */
export const webAddressProblem = (text: string, ...protocols: string[]): string | undefined => {
  if (!URL.canParse(text)) return "url is not an address";
  const url = new URL(text);
  if (!protocols.includes(url.protocol)) {
    return `url must begin with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`;
  }
  if (url.username !== "" || url.password !== "") return "url must not contain a user name or password";
  if (/[?#]/.test(text)) return "url must be that of a folder, without a query or fragment";
  return undefined;
};
