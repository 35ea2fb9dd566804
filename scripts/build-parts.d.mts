import type { BuildOptions } from "esbuild";
export declare const forNode: BuildOptions;
export declare const partNames: readonly string[];
export declare const partOptions: (name: string) => Promise<BuildOptions>;
export declare const buildPart: (name: string, outfile: string) => Promise<void>;
export declare const buildSdk: (folder: string) => Promise<void>;
