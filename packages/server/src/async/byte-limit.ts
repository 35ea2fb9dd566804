/** Counts the bytes of a stream. @param tooLarge makes the error for more than `maxBytes` */
export const createByteLimit = (maxBytes: number, tooLarge: () => Error) => {
  let bytes = 0;
  return {
    bytes: () => bytes,
    /** Passes chunks on, and fails once there are more bytes than allowed. */
    async *pass(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw tooLarge();
        yield chunk;
      }
    },
  };
};
