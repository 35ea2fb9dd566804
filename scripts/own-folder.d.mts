export declare const ownFolder: (prefix: string, parent?: string) => string;
