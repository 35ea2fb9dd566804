/** Made by build/compiled-texts.ts. */
declare module "virtual:texts/*" {
  const messages: Record<string, string | readonly unknown[]>;
  export default messages;
}

/** Made by build/licences.ts. */
declare module "virtual:licences" {
  const licences: { name: string; version: string; licence: string }[];
  export default licences;
}
