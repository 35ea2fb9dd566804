/** Made by build/compiled-texts.ts. */
declare module "virtual:texts/*" {
  const messages: Record<string, string | readonly unknown[]>;
  export default messages;
}
