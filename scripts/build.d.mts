export declare const bundle: (options: { dev: boolean; into?: string }) => Promise<void>;
export declare const external: string[];
export declare const root: string;
