/** The mark: an H whose bar leads to a piece that is plugged in. Its file for browser tabs is public/mark.svg. */
export const Mark = ({ size = 28 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" fill="#5a45b8" />
    <path fill="#fff" d="M8 7h4.5v18H8zM19.5 14H24v11h-4.5z" />
    <path fill="#fff" d="M12.5 16.8 19.5 14v4.6l-7 2.8z" />
    <path fill="#f3b45c" d="M19.5 7H24v4.5h-4.5z" />
  </svg>
);
