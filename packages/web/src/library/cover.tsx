import classes from "./cover.module.css";

/** A page's thumbnail. Its place has its size before the picture comes, so that nothing moves. */
export const Cover = ({ id, page, small = false }: { id: string; page?: number; small?: boolean }) => (
  <span className={small ? classes.small : classes.cover}>
    <img
      src={`/api/archives/${id}/thumbnail${page === undefined ? "" : `?page=${page}`}`}
      alt=""
      loading="lazy"
      decoding="async"
      draggable={false}
    />
  </span>
);
