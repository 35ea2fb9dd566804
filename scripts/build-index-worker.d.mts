export declare const bundleIndexWorker: (outfile: string) => Promise<unknown>;
