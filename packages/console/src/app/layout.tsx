import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';
import { ZoneChoice } from '../parts/values/zone';
import { useSession } from '../session';
import '../parts/page/tabs.css';
import './layout.css';
import { may } from './may';
import { pages } from './pages';

/** What is around every page: the navigation, who is signed in, and a way past both for keyboards. */
export function Layout({ children }: { children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const { path } = useLocation();
  const last = useRef(path);
  useEffect(() => {
    // A new page is read from its top, by eyes and by screen readers.
    if (last.current !== path) main.current?.focus();
    last.current = path;
  }, [path]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href="/">
          <img src="/favicon.svg" alt="" width="22" height="22" />
          Bud Monitoring
        </a>
        <Navigation path={path} />
        <Account />
      </header>
      <main id="main" class="main" tabIndex={-1} ref={main}>
        {children}
      </main>
    </>
  );
}

function Navigation({ path }: { path: string }) {
  const { me } = useSession();
  const offered = pages.filter(({ listed, needs }) => listed && may(me, needs));
  return (
    <nav class="tabs navigation" aria-label="Pages">
      {offered.map((page) => (
        <a key={page.path} href={page.path} aria-current={currency(page.path, path)}>
          {page.title}
        </a>
      ))}
    </nav>
  );
}

/** What `aria-current` says of a link: its own page, or one below it. */
function currency(link: string, path: string): 'page' | 'true' | undefined {
  if (link === path) return 'page';
  return path.startsWith(`${link}/`) ? 'true' : undefined;
}

function Account() {
  const { me, signOut } = useSession();
  return (
    <div class="account">
      <ZoneChoice />
      <span class="account-name" title={me.permissions.join(', ')}>
        {me.subject}
      </span>
      <button type="button" class="button button-quiet" onClick={signOut}>
        Sign out
      </button>
    </div>
  );
}
