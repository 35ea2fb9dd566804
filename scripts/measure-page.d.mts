interface Size {
  files: string[];
  bytes: number;
}

export declare const measurePage: (dist?: string) => { first: Size; all: Size; chunks: string[] };
