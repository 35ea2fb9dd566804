/** Records that one script reads or writes, which keeps all others waiting. */
export const PAGE = 500;
