// Planted bugs of barriers that overtake: the records that they have passed, and what becomes of these on restore.

import { overtaking, overtakingRescaled } from './needs.ts';
import type { PlantedBug } from './planted-bug.ts';

export const OVERTAKING_BUGS: readonly PlantedBug[] = [
  {
    name: 'overtaken records are not stored',
    file: 'task/task-checkpoint.ts',
    find: 'target.nameInFlight(frames)',
    replace: 'target.nameInFlight([])',
    breaks: 'a snapshot has what its barrier has overtaken',
    needs: overtaking,
  },
  {
    name: 'overtaken records are stored twice',
    file: 'task/input-gate.ts',
    find: '        const bytes = 1 + record.add(i, batch, 0);',
    replace: '        const bytes = 1 + record.add(i, batch, 0) + record.add(i, batch, 0);',
    breaks: 'a snapshot has what its barrier has overtaken, once',
    needs: overtaking,
  },
  {
    name: 'the batch at work is not stored',
    file: 'task/input-gate.ts',
    find: '        record.add(i, atWork.batch, atWork.row);',
    replace: '',
    breaks: 'a snapshot has what its barrier has overtaken',
    needs: overtaking,
  },
  {
    name: 'of the batch at work all is stored',
    file: 'task/input-gate.ts',
    find: '        record.add(i, atWork.batch, atWork.row);',
    replace: '        record.add(i, atWork.batch, 0);',
    breaks: 'a snapshot has what its barrier has overtaken, and no more',
    needs: overtaking,
  },
  {
    name: 'what an earlier barrier had overtaken is not stored again',
    file: 'task/input-gate.ts',
    find: '        if (!record.isOpen(i)) break;\n        record.add(i, batch, 0);',
    replace: '        if (!record.isOpen(i)) break;',
    breaks: 'a snapshot has all that waits in front of its barrier',
    needs: overtaking,
  },
  {
    name: 'what was restored is overtaken by what is new',
    file: 'task/input-gate.ts',
    find: '    if (this.#restored > 0 && first?.isRestored !== true) return undefined;',
    replace: '',
    breaks: 'a channel keeps its order over a restore',
    needs: overtaking,
  },
  {
    name: 'overtaken records are lost on rescale',
    file: 'task/task-restore.ts',
    find: 'inFlight: isRescaled ? present.flatMap(({ inFlight }) => inFlight) : (own?.inFlight ?? []),',
    replace: 'inFlight: own?.inFlight ?? [],',
    breaks: 'overtaken records are dealt out anew',
    needs: overtakingRescaled,
  },
  {
    name: 'every subtask takes all overtaken records on rescale',
    file: 'task/in-flight-restore.ts',
    find: 'const own = isRescaled ? ownRows(deployment, edge, functionsOf(edgeId)) : () => true;',
    replace: 'const own = () => true;',
    breaks: 'overtaken records are dealt out anew, each once',
    needs: overtakingRescaled,
  },
];
