import type { ComponentChildren } from 'preact';
import './page-head.css';
import { useTitle } from '../hooks/use-title';

/** The name of a page, what it is about, and what can be done there. */
export function PageHead(props: {
  title: string;
  /** Where it belongs: a page above this one. */
  above?: { href: string; title: string };
  children?: ComponentChildren;
}) {
  useTitle(props.title);
  return (
    <>
      {props.above && (
        <nav class="crumbs" aria-label="You are here">
          <a href={props.above.href}>{props.above.title}</a> <span aria-hidden="true">/</span>
        </nav>
      )}
      <div class="page-head">
        <h1>{props.title}</h1>
        <div class="page-tools">{props.children}</div>
      </div>
    </>
  );
}
