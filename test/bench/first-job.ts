// %% what a cluster runs before anything is measured
import { discard, env } from 'sluice';

env.fromSequence(1, 2).sinkTo(discard());
