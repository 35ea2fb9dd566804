interface Size {
  files: string[];
  bytes: number;
}

export declare const measurePage: () => { first: Size; all: Size; chunks: string[] };
