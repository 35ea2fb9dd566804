/** The HTML and XML parser, bundled as a script; made when the harness is built. */
declare module "parser-source" {
  const source: string;
  export default source;
}
