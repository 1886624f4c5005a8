import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import './dialog.css';

/** A question above the page. The browser keeps the focus inside, and Escape closes it. */
function Dialog(props: { title: string; close: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const title = useId();
  useLayoutEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog class="dialog" ref={element} aria-labelledby={title} onClose={props.close}>
      <h2 id={title}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** Asks before something is done that cannot be taken back. */
export function Confirm(props: {
  title: string;
  /** What will happen. */
  children: ComponentChildren;
  /** The verb on the button. */
  action: string;
  /** While it is being done. */
  busy?: boolean;
  confirm: () => void;
  cancel: () => void;
}) {
  return (
    <Dialog title={props.title} close={props.cancel}>
      <div class="dialog-text">{props.children}</div>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={props.cancel}>
          Cancel
        </button>
        <button
          type="button"
          class="button button-danger"
          disabled={props.busy}
          onClick={props.confirm}
        >
          {props.action}
        </button>
      </div>
    </Dialog>
  );
}
