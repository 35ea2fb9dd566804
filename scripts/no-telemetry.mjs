// In place of @opentelemetry/api in the bundle: nothing of it is called.
export const trace = undefined;
export const context = undefined;
