// What lies over the console and has to be dealt with first: every dialog, and the palette. The browser's own modal dialog:
// from the moment it is there it has the focus and the keys, and nothing under it can be reached by pointer, keyboard or
// screen reader. When it goes the focus is back where it was.
import { Button } from '@patternfly/react-core';
import TimesIcon from '@patternfly/react-icons/dist/esm/icons/times-icon';
import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef } from 'react';
import './ModalDialog.css';

interface ModalDialogProps {
  'aria-label'?: string;
  'aria-labelledby'?: string;
  'aria-describedby'?: string;
  /** Id of the field that has the focus at first; the first thing that can have it, without. */
  firstField?: string;
  /** Near the top instead of in the middle, and without a button that closes it. */
  isPalette?: boolean;
  onClose(): void;
  children: ReactNode;
}

export function ModalDialog({ firstField, isPalette = false, onClose, children, ...names }: ModalDialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  // Before the next key can come: what is typed at once belongs to the dialog.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (!dialog) return;
    dialog.showModal();
    if (firstField) document.getElementById(firstField)?.focus();
    return () => dialog.close();
  }, [firstField]);
  return (
    <dialog
      ref={element}
      className={`pf-v6-c-modal-box tv-modal ${isPalette ? 'tv-palette' : ''}`}
      {...names}
      onCancel={(event) => {
        // A file chooser that is left without choosing, inside, says so by an event of the same name.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      // A second Escape closes it without asking.
      onClose={onClose}
      onKeyDown={keepKeys}
    >
      {!isPalette && (
        <div className="pf-v6-c-modal-box__close">
          <Button variant="plain" aria-label="Close" icon={<TimesIcon />} onClick={onClose} />
        </div>
      )}
      {children}
    </dialog>
  );
}

/** Keys pressed here stay here: they are neither shortcuts of the console nor keys of a menu that is open under it. */
function keepKeys(event: KeyboardEvent): void {
  event.stopPropagation();
  if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) event.preventDefault();
}
