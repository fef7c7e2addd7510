import { prepareRows } from '../../faults/support/row';

export default function prepare(): void {
  prepareRows();
}
