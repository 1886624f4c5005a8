import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { lazy } from 'preact-iso';
import { Problem } from '../parts/page/state';

interface Props {
  /** Another one is another page: it begins anew. */
  url: string;
  children: ComponentChildren;
}

/** Keeps a page that fails from taking everything around it along. */
export class PageGuard extends Component<Props, { failedAt: string | null }> {
  override state = { failedAt: null as string | null };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ failedAt: this.props.url });
  }

  override render({ url, children }: Props) {
    return this.state.failedAt === url ? <BrokenPage /> : children;
  }
}

/** A page that is loaded when it is first opened; says so where it cannot be. */
export function lazyPage(load: () => Promise<{ default: ComponentType }>): ComponentType {
  return lazy(() =>
    load().catch((error: unknown) => {
      console.error(error);
      return { default: BrokenPage };
    }),
  );
}

function BrokenPage() {
  return (
    <Problem
      title="This page does not work"
      text="It could not be loaded or shown. There may be a newer version of the console."
    >
      <button type="button" class="button" onClick={() => location.reload()}>
        Load again
      </button>
    </Problem>
  );
}
