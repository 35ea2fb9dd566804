export const registryFolder: string;
export function buildIndex(folder: string): Promise<string>;
