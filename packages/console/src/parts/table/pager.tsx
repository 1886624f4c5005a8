import './pager.css';

/** Leads through the pages of a list; each place is a link, so that the page stands in the URL. */
export function Pager(props: {
  /** From 1 on. */
  page: number;
  /** Rows of a page. */
  size: number;
  /** Rows on this page. */
  shown: number;
  /** Rows on all pages; null where the API does not tell. */
  total: number | null;
  /** What the rows are called: `clusters`. */
  what: string;
  first: string | null;
  previous: string | null;
  next: string | null;
}) {
  const { page, size, shown, total, what } = props;
  const from = (page - 1) * size + 1;
  const range =
    shown === 0 ? '0' : `${from.toLocaleString('en')}–${(from + shown - 1).toLocaleString('en')}`;
  return (
    <nav class="pager" aria-label={`Pages of ${what}`}>
      <span>
        {range}
        {total !== null && ` of ${total.toLocaleString('en')}`} {what}
      </span>
      {(page > 1 || props.next !== null) && (
        <span class="pager-links">
          <PageLink href={props.first} text="First" />
          <PageLink href={props.previous} text="Previous" />
          <PageLink href={props.next} text="Next" />
        </span>
      )}
    </nav>
  );
}

function PageLink({ href, text }: { href: string | null; text: string }) {
  if (href === null)
    return (
      <a class="button button-small" role="link" aria-disabled="true">
        {text}
      </a>
    );
  return (
    <a class="button button-small" href={href}>
      {text}
    </a>
  );
}
