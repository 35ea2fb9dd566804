import type { Plugin } from "esbuild";
export declare const detectionModels: Plugin;
