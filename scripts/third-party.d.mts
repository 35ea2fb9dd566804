/** A library of other people. */
export interface Library {
  name: string;
  version: string;
  /** As its package.json states it, or in words. */
  licence: string;
  /** Empty where its licence names no holder. */
  copyright: string;
}
export const libraryIn: (folder: string) => Library;
export const directDependencies: (folder: string) => string[];
export const thirdParty: (packages?: string[]) => Library[];
export const thirdPartyText: () => string;
