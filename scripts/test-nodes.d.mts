export const testedNodes: string[];
export const nodesFolder: string;
export function installTestNodes(): void;
