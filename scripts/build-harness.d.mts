export declare const bundleHarness: (outfile: string) => Promise<void>;
export declare const bundleCompiler: (outfile: string) => Promise<void>;
