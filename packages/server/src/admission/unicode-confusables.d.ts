/** The package has its types under a name that the compiler does not find. */
declare module "unicode-confusables" {
  /** Replaces each character by the one that it looks like (Unicode Technical Standard 39). */
  export const rectifyConfusion: (text: string) => string;
}
