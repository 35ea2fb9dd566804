/** What is read of a report of vitest's JSON reporter. */
export interface TestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}
export declare const testCounts: (report: TestReport) => { passed: number; failed: number; skipped: number };
