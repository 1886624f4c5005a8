import type { ApiError } from '@bud-monitoring/browser';
import type { ComponentChildren } from 'preact';
import './state.css';
import type { Request } from '../hooks/use-request';

/** A page or a part without its content, and why. */
export function Problem(props: { title: string; text: string; children?: ComponentChildren }) {
  return (
    <section class="problem">
      <h1>{props.title}</h1>
      <p>{props.text}</p>
      {props.children}
    </section>
  );
}

/** Nothing to show, as there is nothing. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** What went wrong, as the API says it, with what somebody who looks for it in the logs needs. */
export function ErrorNotice({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div class="notice notice-error" role="alert">
      <p>
        <strong>{titleOf(error, retry !== undefined)}</strong> {error.message}
        {error.message.endsWith('.') ? '' : '.'}
      </p>
      {error.details.length > 0 && (
        <ul>
          {error.details.map(({ field, message }) => (
            <li key={`${field} ${message}`}>
              {field !== undefined && <code>{field}</code>} {message}
            </li>
          ))}
        </ul>
      )}
      <p class="notice-facts">
        {error.code > 0 && <span>{error.code}</span>}
        <span>{error.type}</span>
        {error.requestId !== null && (
          <span>
            request <code>{error.requestId}</code>
          </span>
        )}
        {retry && (
          <button type="button" class="button button-small" onClick={retry}>
            Try again
          </button>
        )}
      </p>
    </div>
  );
}

/** A word for what kind of failure it is, for people, and when it may be over. */
function titleOf({ code, retryAfterSeconds: seconds }: ApiError, isRetried: boolean): string {
  const told = isRetried ? ` Next try in ${seconds} s.` : ` Try again in ${seconds} s.`;
  const wait = seconds === null ? '' : told;
  if (code === 0) return 'No answer.';
  if (code === 401) return 'The API does not take this sign-in.';
  if (code === 403) return 'Not allowed.';
  if (code === 404) return 'Not found.';
  if (code === 429) return `Too many requests.${wait}`;
  return code >= 500 ? `Not available at the moment.${wait}` : 'Refused.';
}

/** What a request brought: a sign of loading, its error, or its data; an error stands above data of before. */
export function Loaded<Data>(props: {
  request: Request<Data>;
  children: (data: Data) => ComponentChildren;
}) {
  const { data, error, reload } = props.request;
  return (
    <>
      {error && <ErrorNotice error={error} retry={reload} />}
      {data === null && !error && <Loading />}
      {data !== null && props.children(data)}
    </>
  );
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">Loading</span>
      <span class="loading-line" />
      <span class="loading-line" />
      <span class="loading-line" />
    </div>
  );
}
