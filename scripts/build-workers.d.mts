export declare const bundleIndexWorker: (outfile: string) => Promise<unknown>;
export declare const bundleUrlPatternWorker: (outfile: string) => Promise<unknown>;
