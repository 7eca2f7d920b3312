// The Transactions section before the first report: what it waits for, or how to get one.
import {
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
  Spinner,
} from '@patternfly/react-core';
import ChartLineIcon from '@patternfly/react-icons/dist/esm/icons/chart-line-icon';
import { openTab } from '../operations/view-operations.ts';
import { powerOn } from '../operations/vm-operations.ts';
import { useVm } from '../state/hooks.ts';
import { useConsole } from '../state/store.ts';

export function AwaitReport({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  const expected = useConsole((state) => state.view.demo?.clientId === vmId);
  if (!vm) return null;
  const { name, power } = vm;
  const openConsole = (
    <Button variant="link" onClick={() => openTab({ kind: 'vm', id: vmId }, 'console')}>
      Open its console
    </Button>
  );
  if (power === 'off' || power === 'crashed')
    return (
      <EmptyState
        titleText={`${name} is ${power === 'off' ? 'off' : 'not running'}`}
        headingLevel="h2"
        icon={ChartLineIcon}
      >
        <EmptyStateBody>Its charts begin with its first report.</EmptyStateBody>
        <EmptyStateFooter>
          <EmptyStateActions>
            {power === 'off' && <Button onClick={() => void powerOn(vmId)}>Power on</Button>}
            {openConsole}
          </EmptyStateActions>
        </EmptyStateFooter>
      </EmptyState>
    );
  return (
    <EmptyState
      titleText={
        expected ? `${name} is starting; its first report comes in about 15 s` : `${name} reports no transactions yet`
      }
      headingLevel="h2"
      icon={expected ? Spinner : ChartLineIcon}
    >
      <EmptyStateBody>
        {expected
          ? 'It asks the server for a number and for a page twenty times a second each, and measures every answer.'
          : 'Run “web” in one guest and “client” with its name in another: the client’s figures appear here.'}
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>{openConsole}</EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
