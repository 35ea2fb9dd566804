export declare const bundleHarness: (outfile: string) => Promise<void>;
