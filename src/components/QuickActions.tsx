// The most used of an object's actions as icon buttons.
import { Button, Tooltip } from '@patternfly/react-core';
import type { Action } from '../actions/action.ts';

/** @param withText buttons show their words too */
export function QuickActions({ actions, withText = false }: { actions: Action[]; withText?: boolean }) {
  return actions
    .filter((action) => action.quick)
    .map((action) => <QuickAction key={action.id} action={action} withText={withText} />);
}

function QuickAction({ action, withText }: { action: Action; withText: boolean }) {
  const { label, icon: Icon, run, unavailable } = action;
  const button = (
    <Button
      variant={withText ? 'secondary' : 'plain'}
      size="sm"
      icon={<Icon />}
      aria-label={label}
      isAriaDisabled={unavailable !== undefined}
      onClick={run}
    >
      {withText ? label : undefined}
    </Button>
  );
  if (withText && !unavailable) return button;
  const hint = unavailable ? `${label.replace('…', '')}: ${unavailable.toLowerCase()}` : label;
  return (
    // Below: above these buttons, on a card, are those that a question may ask for.
    <Tooltip content={hint} aria="none" entryDelay={500} position="bottom">
      {button}
    </Tooltip>
  );
}
