/** Throws if a Node process died of an error that its code did not handle. @param err what it wrote on its standard error */
export const failOnCrash = (err: string): void => {
  if (/^Node\.js v\d/m.test(err)) throw new Error(`A process died of an unhandled error:\n${err}`);
};
